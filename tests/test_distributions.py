"""Wheel and sdist: built by the backend itself, looked into, read as an index reads them, and installed by pip.

The environment that the wheel is installed into borrows the dependencies of this one, so that no network is needed;
that those which are declared suffice is for the tests of the environments.
"""

import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from packaging.metadata import Metadata

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAME = f"progressnb-{PROJECT['version']}"
REPOSITORY = PROJECT["urls"]["Homepage"]
SITE = PROJECT["urls"]["Documentation"]
"""Where .github/workflows/docs.yml puts the pages of docs/, and below `lite/` what `make lite` builds."""

OWN = re.compile(
    rf"{re.escape(REPOSITORY)}/(?:blob|tree)/HEAD/([^#?]+)"
    rf"|{re.escape(REPOSITORY.replace('//github.com', '//raw.githubusercontent.com'))}/HEAD/([^#?]+)"
)
PAGES = [ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both distributions, without a network."""
    target = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """Return the path of the wheel."""
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def sdist(built: Path) -> tarfile.TarFile:
    """Open the sdist."""
    (path,) = built.glob("*.tar.gz")
    return tarfile.open(path)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel by pip into a new environment; return its Python."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home)
    paths = {"base": str(home), "platbase": str(home)}
    python = Path(sysconfig.get_path("scripts", "venv", paths)) / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    command = [*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=home)
    assert done.returncode == 0, done.stderr
    # A path file in a folder that a path file names is not read: this environment's editable install stays out.
    borrowed = Path(sysconfig.get_path("purelib", "venv", paths)) / "borrowed.pth"
    borrowed.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def python(installed: Path, *arguments: str) -> str:
    """Run the Python of the new environment as a user's: with nothing of this process but the path of programs."""
    done = subprocess.run(
        [installed, "-W", "error", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=installed.parent,
        env={"PATH": "/usr/bin:/bin", "HOME": str(installed.parent), "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def links(path: Path) -> list[str]:
    """List the addresses of the links and pictures of a Markdown file."""
    found: list[str] = []
    for block in MarkdownIt().parse(path.read_text(encoding="utf-8")):
        for token in block.children or ():
            found += [str(token.attrs[name]) for name in ("href", "src") if name in token.attrs]
    return found


def test_wheel_has_the_package_alone(wheel: Path) -> None:
    """No test, notebook, cache or tool of the house reaches users' site-packages."""
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {"progressnb", f"{NAME}.dist-info"}
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".ipynb", ".db"))] == []
    assert {"progressnb/py.typed", "progressnb/display/view.js", "progressnb/samples/resume.json"} <= {*names}


def test_sdist_is_the_tree(sdist: tarfile.TarFile) -> None:
    """Who packages us gets the code, the tests with their data, the notebooks and the pages, and nothing else.

    Papers of strangers, which only benchmarks read, stay in the repository.
    """
    names = {name.removeprefix(f"{NAME}/") for name in sdist.getnames()}
    wanted = {
        *("LICENSE", "README.md", "CHANGELOG.md", "Makefile", "PKG-INFO", "constraints.txt", "pyproject.toml"),
        *("docs/architecture.md", "docs/web.md", "notebooks/01_customize_a_resume.ipynb", "tests/conftest.py"),
        *("src/progressnb/__init__.py", "src/progressnb/py.typed", "tests/data/history/0.1.0.db"),
    }
    assert wanted <= names
    made = (".venv", "build", "dist", "out", ".git", ".hypothesis")
    assert [name for name in names if name.partition("/")[0] in made or "__pycache__" in name] == []
    assert [name for name in names if name.startswith("benchmarks/customize/stranger") and name.count("/") > 2] == []
    assert [member.name for member in sdist if not (member.isfile() or member.isdir())] == []
    size = sum(member.size for member in sdist)
    assert size < 19_000_000  # 3 MB are resumes as programs write them, 2.5 MB specifications


def test_sdist_builds_the_same_wheel(sdist: tarfile.TarFile, wheel: Path, tmp_path: Path) -> None:
    """A wheel that is built from the sdist has the same files."""
    sdist.extractall(tmp_path, filter="data")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=tmp_path / NAME, capture_output=True, check=True)
    (again,) = tmp_path.glob("*.whl")
    assert {*zipfile.ZipFile(again).namelist()} == {*zipfile.ZipFile(wheel).namelist()}


def test_metadata_is_valid(wheel: Path, sdist: tarfile.TarFile) -> None:
    """An index takes the metadata: they follow the specification, strictly, and both distributions have the same."""
    texts = [zipfile.ZipFile(wheel).read(f"{NAME}.dist-info/METADATA")]
    info = sdist.extractfile(f"{NAME}/PKG-INFO")
    assert info is not None
    texts.append(info.read())
    first, second = (Metadata.from_email(text, validate=True) for text in texts)
    assert first.as_rfc822().as_string() == second.as_rfc822().as_string()
    assert (first.name, str(first.version)) == ("progressnb", PROJECT["version"])
    assert str(first.requires_python) == PROJECT["requires-python"]
    assert first.license_expression == "MIT"
    assert first.license_files == ["LICENSE"]
    assert first.description_content_type == "text/markdown"
    assert first.description is not None
    assert first.description.strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()
    assert first.summary
    assert "\n" not in first.summary
    urls = first.project_urls or {}
    assert {"Homepage", "Changelog", "Issues", "Documentation"} <= {*urls}
    assert all(url.startswith((REPOSITORY, SITE)) for url in urls.values())


def test_readme_works_anywhere() -> None:
    """On an index's page no link and no picture is relative, and those to this repository name what is in it."""
    addresses = links(ROOT / "README.md")
    assert len(addresses) > 10
    assert [address for address in addresses if not address.startswith("https://")] == []
    own = [match for address in addresses if (match := OWN.match(address))]
    assert len(own) >= 4
    pages = {address.removeprefix(SITE).partition("#")[0] for address in addresses if address.startswith(SITE)}
    tried = {page for page in pages if page.startswith("lite/")}
    assert tried == {"lite/lab/index.html?path=try_it.ipynb"}
    named = {f"{page.stem}.html" for page in (ROOT / "docs").glob("*.md")}
    assert pages - tried - named == {""}
    missing = [match[0] for match in own if not (ROOT / unquote(match[1] or match[2])).exists()]
    assert missing == []
    urls = [match for url in PROJECT["urls"].values() if (match := OWN.match(url))]
    assert [match[0] for match in urls if not (ROOT / unquote(match[1] or match[2])).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_pages_lead_somewhere(page: Path) -> None:
    """A relative link of a page in the repository names a file."""
    relative = [unquote(link.partition("#")[0]) for link in links(page) if "://" not in link and link[0] != "#"]
    assert [link for link in relative if not (page.parent / link).exists()] == []


def test_every_name_of_the_wheel_is_there(installed: Path) -> None:
    """Each public name is imported from the installed wheel, also by a star, and the demo runs by its samples."""
    code = (
        "import importlib.metadata as metadata, pathlib, progressnb as pnb\n"
        "from progressnb import *\n"
        "names = {name: getattr(pnb, name) for name in pnb.__all__}\n"
        "namespaces = [pnb.errors, pnb.events, pnb.interop, pnb.samples, pnb.testing, pnb.web]\n"
        "inner = [getattr(module, name) for module in namespaces for name in module.__all__]\n"
        "assert all(globals()[name] is value for name, value in names.items() if name != 'samples')\n"
        "assert metadata.version('progressnb') == pnb.__version__\n"
        "print(pathlib.Path(pnb.__file__).is_relative_to(pathlib.Path.cwd().parent))\n"
        "print(len(names) > 30, len(inner) > 30)\n"
        "print(pnb.demo(pace=0).wait().evaluation.match_score > 0)"
    )
    assert python(installed, "-c", code).split() == ["True"] * 4


def test_the_command_of_the_wheel_works(installed: Path) -> None:
    """The wheel brings the command, which does the demonstration."""
    done = python(installed, str(installed.with_name("progressnb")), "demo", "--pace", "0")
    assert done.startswith("Match score ")
