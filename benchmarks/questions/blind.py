"""Questions of somebody who had not read the rules, as a data scientist would type them, with right answers by pandas.

They were written before the rules of `chart` were, and are kept apart: whoever changes the rules looks at the figures
of this file and at its false answers alone.
"""

from __future__ import annotations

import pandas as pd

from benchmarks.questions.sets import Question as Q
from benchmarks.questions.sets import best, none

ISO = "%Y-%m-%d"


def ym(dates: pd.Series) -> pd.Series:
    """Return the month that a date lies in, as its first day."""
    return dates.dt.to_period("M").dt.to_timestamp()


def yr(dates: pd.Series) -> pd.Series:
    """Return the year of a date."""
    return dates.dt.year


QUESTIONS = [
    # penguins
    Q("penguins", "average body mass by species", lambda t: [t.groupby("species").body_mass_g.mean()]),
    Q("penguins", "how many penguins are there on each island?", lambda t: [t.groupby("island").size()]),
    Q(
        "penguins",
        "mean flipper length per species and sex",
        lambda t: [
            t.groupby(["species", "sex"]).flipper_length_mm.mean(),
            t.groupby(["species", "sex"], dropna=False).flipper_length_mm.mean(),
        ],
    ),
    Q("penguins", "how many females per species", lambda t: [t[t.sex == "female"].groupby("species").size()]),
    Q("penguins", "which species is the heaviest", lambda t: best(t.groupby("species").body_mass_g.mean(), 1)),
    Q(
        "penguins",
        "share of each species",
        lambda t: [t.species.value_counts() / len(t), t.species.value_counts() / len(t) * 100],
    ),
    Q("penguins", "number of Gentoo penguins per year", lambda t: [t[t.species == "Gentoo"].groupby("year").size()]),
    Q(
        "penguins",
        "bill length vs bill depth",
        lambda t: [t[["bill_length_mm", "bill_depth_mm"]], t[["bill_length_mm", "bill_depth_mm"]].dropna()],
    ),
    Q("penguins", "distribution of flipper lengths", "histogram:flipper_length_mm"),
    Q(
        "penguins",
        "median body mass of male penguins by island",
        lambda t: [t[t.sex == "male"].groupby("island").body_mass_g.median()],
    ),
    Q("penguins", "how many penguins weigh more than 5000 g?", lambda t: [(t.body_mass_g > 5000).sum()]),
    Q("penguins", "do males weigh more than females", lambda t: [t.groupby("sex").body_mass_g.mean()]),
    Q("penguins", "which island has the happiest penguins", none),
    Q("penguins", "avarage bill lenght by speices", lambda t: [t.groupby("species").bill_length_mm.mean()]),
    Q("penguins", "life expectancy by species", none),
    # tips
    Q("tips", "total tips by day", lambda t: [t.groupby("day").tip.sum()]),
    Q("tips", "average tip for smokers vs non-smokers", lambda t: [t.groupby("smoker").tip.mean()]),
    Q("tips", "how many smokers by day", lambda t: [t[t.smoker == "Yes"].groupby("day").size()]),
    Q("tips", "how many bills over 30", lambda t: [(t.total_bill > 30).sum()]),
    Q(
        "tips",
        "tip percentage by sex",
        lambda t: [
            t.assign(p=t.tip / t.total_bill).groupby("sex").p.mean(),
            t.assign(p=t.tip / t.total_bill * 100).groupby("sex").p.mean(),
            t.groupby("sex").tip.sum() / t.groupby("sex").total_bill.sum(),
            t.groupby("sex").tip.sum() / t.groupby("sex").total_bill.sum() * 100,
        ],
    ),
    Q(
        "tips",
        "what is the biggest bill?",
        lambda t: [t.total_bill.max(), *best(t.set_index("total_bill", drop=False).total_bill, 1)],
    ),
    Q("tips", "total bill by day, excluding Sunday", lambda t: [t[t.day != "Sun"].groupby("day").total_bill.sum()]),
    Q("tips", "average party size at dinner", lambda t: [t[t.time == "Dinner"]["size"].mean()]),
    Q(
        "tips",
        "total bill by time and smoker as stacked bars",
        lambda t: [t.groupby(["time", "smoker"]).total_bill.sum()],
    ),
    Q("tips", "total bill and tip by day", lambda t: [t.groupby("day")[["total_bill", "tip"]].sum()]),
    Q("tips", "revenue by weekday", none),
    Q(
        "tips",
        "tips on weekends",
        lambda t: [t[t.day.isin(["Sat", "Sun"])].tip.sum(), t[t.day.isin(["Sat", "Sun"])].groupby("day").tip.sum()],
    ),
    # gapminder
    Q(
        "gapminder",
        "which continent has the lowest gdpPercap",
        lambda t: (
            best(t.groupby("continent").gdpPercap.mean(), 1, lowest=True)
            + best(t.groupby("continent").gdpPercap.min(), 1, lowest=True)
        ),
    ),
    Q(
        "gapminder",
        "average lifeExp by continent in 2007",
        lambda t: [t[t.year == 2007].groupby("continent").lifeExp.mean()],
    ),
    Q("gapminder", "population of Germany over time", lambda t: [t[t.country == "Germany"].set_index("year")["pop"]]),
    Q(
        "gapminder",
        "top 10 countries by population in 2007",
        lambda t: [t[t.year == 2007].set_index("country")["pop"].nlargest(10)],
    ),
    Q(
        "gapminder",
        "compare life expectancy of Japan and China",
        lambda t: [
            t[t.country.isin(["Japan", "China"])].groupby("country").lifeExp.mean(),
            t[t.country.isin(["Japan", "China"])].set_index(["year", "country"]).lifeExp,
        ],
    ),
    Q(
        "gapminder",
        "life expectancy against gdp per capita, coloured by continent, 2007",
        lambda t: [t[t.year == 2007][["lifeExp", "gdpPercap", "continent"]]],
    ),
    Q("gapminder", "how many countries per continent", lambda t: [t.groupby("continent").country.nunique()]),
    Q("gapminder", "world population by year", lambda t: [t.groupby("year")["pop"].sum()]),
    Q("gapminder", "population growth by continent", none),
    Q(
        "gapminder",
        "poorest country in 2007",
        lambda t: best(t[t.year == 2007].set_index("country").gdpPercap, 1, lowest=True),
    ),
    # weather
    Q(
        "weather",
        "average max temperature by month",
        lambda t: [t.groupby(t.date.dt.month).temp_max.mean(), t.groupby(ym(t.date)).temp_max.mean()],
    ),
    Q("weather", "total precipitation per year", lambda t: [t.groupby(yr(t.date)).precipitation.sum()]),
    Q("weather", "how many rainy days per year", lambda t: [t[t.weather == "rain"].groupby(yr(t.date)).size()]),
    Q("weather", "number of days by weather type", lambda t: [t.groupby("weather").size()]),
    Q("weather", "wind by weekday", lambda t: [t.groupby(t.date.dt.day_name()).wind.mean()]),
    Q(
        "weather",
        "cumulative precipitation in 2015",
        lambda t: [
            t[t.date.dt.year == 2015].set_index("date").precipitation.cumsum(),
            t[t.date.dt.year == 2015].groupby(ym(t.date)).precipitation.sum().cumsum(),
        ],
    ),
    Q("weather", "hottest day", lambda t: best(t.set_index("date").temp_max, 1)),
    Q(
        "weather",
        "days with more than 30 mm precipitation",
        lambda t: [(t.precipitation > 30).sum(), t[t.precipitation > 30].set_index("date").precipitation],
    ),
    Q("weather", "temperature over time", none),
    Q("weather", "how often did it snow", lambda t: [(t.weather == "snow").sum()]),
    # cars
    Q("cars", "avg horsepower by origin", lambda t: [t.groupby("Origin").Horsepower.mean()]),
    Q("cars", "MilesPerGallon by Cylinders", lambda t: [t.groupby("Cylinders").Miles_per_Gallon.mean()]),
    Q(
        "cars",
        "number of cars from Japan per year",
        lambda t: [t[t.Origin == "Japan"].groupby(yr(t.Year)).size(), t[t.Origin == "Japan"].groupby("Year").size()],
    ),
    Q("cars", "scatter plot of horsepower and mpg", none),
    Q(
        "cars",
        "correlation between weight and horsepower",
        lambda t: [
            t[["Weight_in_lbs", "Horsepower"]],
            t[["Weight_in_lbs", "Horsepower"]].dropna(),
            t.Weight_in_lbs.corr(t.Horsepower),
        ],
    ),
    Q("cars", "most efficient cars", none),
    Q("cars", "share of american cars over the years", none),
    # flights
    Q("flights", "flights by carrier", lambda t: [t.groupby("carrier").size()]),
    Q(
        "flights",
        "how many flights were cancelled by origin",
        lambda t: [t[t.cancelled].groupby("origin").size(), t.groupby("origin").cancelled.sum()],
    ),
    Q(
        "flights",
        "cancellation rate by carrier",
        lambda t: [t.groupby("carrier").cancelled.mean(), t.groupby("carrier").cancelled.mean() * 100],
    ),
    Q("flights", "average delay by origin", none),
    Q("flights", "average arrival delay by carrier, worst first", lambda t: [t.groupby("carrier").arr_delay.mean()]),
    Q("flights", "percent of flights delayed by more than 60 minutes", none),
    Q("flights", "top 5 destinations", lambda t: best(t.groupby("dest").size(), 5)),
    Q(
        "flights",
        "flights per month from JFK",
        lambda t: [t[t.origin == "JFK"].groupby("month").size(), t[t.origin == "JFK"].groupby(ym(t.time_hour)).size()],
    ),
    Q("flights", "longest distance by carrier", lambda t: [t.groupby("carrier").distance.max()]),
    Q("flights", "how many planes", none),
    # electricity, medals, election
    Q(
        "electricity",
        "net generation by source over time",
        lambda t: [
            t.set_index(["year", "source"]).net_generation,
            t.assign(year=yr(t.year)).set_index(["year", "source"]).net_generation,
        ],
    ),
    Q(
        "electricity",
        "share of renewables by year",
        lambda t: [
            (s := t.assign(year=yr(t.year)).pivot_table(index="year", columns="source", values="net_generation"))[
                "Renewables"
            ]
            / s.sum(axis=1),
            s["Renewables"] / s.sum(axis=1) * 100,
        ],
    ),
    Q(
        "electricity",
        "year over year change of nuclear energy",
        lambda t: [
            (s := t[t.source == "Nuclear Energy"].assign(year=yr(t.year)).set_index("year").net_generation).diff(),
            s.pct_change(),
            s.pct_change() * 100,
        ],
    ),
    Q("medals", "gold medals per nation", lambda t: [t[t.medal == "gold"].set_index("nation")["count"]]),
    Q("medals", "medal count by nation", lambda t: [t.groupby("nation")["count"].sum()]),
    Q("medals", "pie chart of medals", lambda t: [t.groupby("medal")["count"].sum()]),
    Q("election", "votes for Joly by district", lambda t: [t.set_index("district").Joly]),
    Q("election", "how many districts did each candidate win", lambda t: [t.groupby("winner").size()]),
    Q("election", "number of districts by result", lambda t: [t.groupby("result").size()]),
    # macro, employment, marriages, transplants, german, text
    Q(
        "macro",
        "unemployment over time",
        lambda t: [t.groupby("year").unemp.mean(), t.set_index(["year", "quarter"]).unemp],
    ),
    Q("macro", "highest inflation", lambda t: [t.infl.max(), *best(t.set_index(["year", "quarter"]).infl, 1)]),
    Q(
        "employment",
        "manufacturing over time",
        lambda t: [t.set_index("month").manufacturing, t.groupby(yr(t.month)).manufacturing.mean()],
    ),
    Q(
        "employment",
        "manufacturing and construction by year",
        lambda t: [t.groupby(yr(t.month))[["manufacturing", "construction"]].mean()],
    ),
    Q("marriages", "average age by number of children", lambda t: [t.groupby("children").age.mean()]),
    Q("transplants", "survival vs age", lambda t: [t[["survival", "age"]]]),
    Q("pinguine", "Durchschnitt Körpermasse nach Art", lambda t: [t.groupby("Art")["Körpermasse"].mean()]),
    Q("pinguine", "average Flossenlänge by Insel", lambda t: [t.groupby("Insel")["Flossenlänge"].mean()]),
    Q("bills", "total amount by day", lambda t: [t.assign(a=t.amount.str[1:].astype(float)).groupby("day").a.sum()]),
    Q(
        "bills",
        "average tip rate per smoker",
        lambda t: [
            t.assign(a=t["tip rate"].str[:-2].astype(float)).groupby("smoker").a.mean(),
            t.assign(a=t["tip rate"].str[:-2].astype(float) / 100).groupby("smoker").a.mean(),
        ],
    ),
    Q(
        "bills",
        "total amount per month",
        lambda t: [
            t.assign(a=t.amount.str[1:].astype(float))
            .groupby(ym(pd.to_datetime(t["paid on"], format="%m/%d/%y")))
            .a.sum()
        ],
    ),
    Q(
        "stocks",
        "price of AAPL and GOOG over time",
        lambda t: [t[t.symbol.isin(["AAPL", "GOOG"])].set_index(["date", "symbol"]).price],
    ),
    Q("stocks", "average price per symbol in 2009", lambda t: [t[yr(t.date) == 2009].groupby("symbol").price.mean()]),
    Q("stocks", "will MSFT go up next year", none),
    Q("stocks", "blah blah fizz", none),
]
