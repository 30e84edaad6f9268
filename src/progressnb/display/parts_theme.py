"""The style sheet of the notebook's panel; the colours of statuses come from the one table of all screens."""

from __future__ import annotations

from string import Template

from progressnb.folds.words import STATUSES

__all__ = ["STYLE"]

_SHEET = """<style>
.pnb{font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px;line-height:1.5;
 color:var(--jp-ui-font-color1,inherit);max-width:62em;padding:2px 0;overflow-wrap:anywhere;
 --blue:color-mix(in srgb,#2563eb 75%,currentColor);--green:color-mix(in srgb,$finished 70%,currentColor);
 --red:color-mix(in srgb,$failed 75%,currentColor);--amber:color-mix(in srgb,$retrying 65%,currentColor)}
.pnb .h{display:flex;flex-wrap:wrap;align-items:center;gap:2px 10px}
.pnb .h .b{width:220px;height:9px}
.pnb .w{container-type:inline-size}
.pnb .g{display:grid;grid-template-columns:fit-content(40%) auto auto auto minmax(9em,1fr);column-gap:10px;
 align-items:baseline}
.pnb .g>div{display:contents}
.pnb .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.pnb .m{opacity:.75;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden}
.pnb .b{display:inline-block;width:110px;height:7px;border-radius:5px;overflow:hidden;
 background:color-mix(in srgb,currentColor 15%,transparent)}
.pnb .b i{display:block;height:100%;background:$running;border-radius:5px}
@keyframes pnb-x{from{background-position:220px 0}to{background-position:0 0}}
.pnb .x{background-image:linear-gradient(90deg,transparent 30%,${running}88 50%,transparent 70%);background-size:110px;
 animation:pnb-x 3s linear infinite}@media(prefers-reduced-motion:reduce){.pnb .x{animation:none}}
$bars
.pnb .skipped .b{background:repeating-linear-gradient(135deg,
 color-mix(in srgb,currentColor 22%,transparent) 0 2px,transparent 2px 6px)}
.pnb .g span:first-child:has(>.s){padding-left:1.3em;text-indent:-1.3em}
.pnb .s{display:inline-block;width:1.3em;font-weight:600;text-indent:0}
.pnb .finished .s{color:var(--green)}.pnb .failed .s,.pnb .e{color:var(--red)}.pnb .running .s{color:var(--blue)}
.pnb .retrying .s{color:var(--amber)}.pnb .pending>*{opacity:.7}
.pnb .t{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.pnb .o{max-height:15em;overflow:auto;display:flex;flex-direction:column-reverse;margin:8px 0 4px;padding:2px 12px;
 border-left:3px solid color-mix(in srgb,currentColor 18%,transparent)}
.pnb .o p,.pnb .r p{margin:0;white-space:pre-wrap}
.pnb .l{opacity:.7;margin-right:.5em}
.pnb .c{border-right:2px solid $running;margin-left:1px}
.pnb .u{opacity:.7;font-size:12px}
.pnb summary{cursor:pointer}
.pnb details{margin:2px 0;padding-left:1.1em}.pnb details[open]{padding-bottom:6px}.pnb summary{margin-left:-1.1em}
.pnb h1,.pnb h2,.pnb h3{font-size:1.15em;line-height:1.3;margin:.7em 0 .2em;font-weight:600}.pnb h1{font-size:1.35em}
.pnb .d{margin:6px 0;padding-left:8px;border-left:2px solid color-mix(in srgb,currentColor 18%,transparent)}
.pnb .a{display:grid;grid-template-columns:1fr 1fr;gap:0 16px}
.pnb th,.pnb td{padding:1px 14px 1px 0;text-align:left;vertical-align:top}
.pnb del{color:var(--red);background:color-mix(in srgb,$failed 12%,transparent)}
.pnb ins{color:var(--green);background:color-mix(in srgb,$finished 14%,transparent);text-decoration:none}
.pnb .r,.pnb .d{container-type:inline-size}
@container(max-width:640px){.pnb .a{grid-template-columns:1fr}
 .pnb .g{grid-template-columns:minmax(0,1fr) auto auto auto}.pnb .g .b{width:60px}
 .pnb .m{grid-column:1/-1;padding-left:1.3em}.pnb .m:empty{display:none}}
</style>"""

_BARS = "".join(f".pnb .{status} .b i{{background:{look.colour}}}" for status, look in STATUSES.items())

STYLE = Template(_SHEET).substitute({status: look.colour for status, look in STATUSES.items()}, bars=_BARS)
"""The style sheet as an element."""
