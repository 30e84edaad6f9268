"""Questions of those who know the rules, with right answers by pandas."""

from __future__ import annotations

import pandas as pd

from benchmarks.questions.sets import Question as Q
from benchmarks.questions.sets import best, none


def month(dates: pd.Series) -> pd.Series:
    """Return the month that a date lies in, as its first day."""
    return dates.dt.to_period("M").dt.to_timestamp()


QUESTIONS = [
    Q("penguins", "average flipper_length_mm by island", lambda t: [t.groupby("island").flipper_length_mm.mean()]),
    Q("penguins", "number of rows by species and sex", lambda t: [t.groupby(["species", "sex"]).size()]),
    Q(
        "penguins",
        "median bill length per species for females",
        lambda t: [t[t.sex == "female"].groupby("species").bill_length_mm.median()],
    ),
    Q(
        "penguins",
        "body mass against flipper length coloured by species",
        lambda t: [t[["body_mass_g", "flipper_length_mm", "species"]].dropna()],
    ),
    Q(
        "penguins",
        "average body mass of Adelie, Gentoo and Chinstrap",
        lambda t: [t.groupby("species").body_mass_g.mean()],
    ),
    Q(
        "penguins",
        "average body mass of Adelie on Biscoe",
        lambda t: [t[(t.species == "Adelie") & (t.island == "Biscoe")].body_mass_g.mean()],
    ),
    Q(
        "penguins",
        "number of rows with body mass over 5000 by species",
        lambda t: [t[t.body_mass_g > 5000].groupby("species").size()],
    ),
    Q("penguins", "highest body mass by species", lambda t: [t.groupby("species").body_mass_g.max()]),
    Q("penguins", "most common island", lambda t: best(t.groupby("island").size(), 1)),
    Q("penguins", "share of rows by species", lambda t: [t.species.value_counts(normalize=True) * 100]),
    Q("penguins", "histogram of body mass", "histogram:body_mass_g"),
    Q("penguins", "pie chart of number of rows by species", lambda t: [t.groupby("species").size()]),
    Q(
        "penguins",
        "which species has the highest average body mass",
        lambda t: best(t.groupby("species").body_mass_g.mean(), 1),
    ),
    Q("penguins", "which species has the highest body mass", none),
    Q("penguins", "how many eggs by species", none),
    Q("penguins", "how many survivors by island", none),
    Q("penguins", "the most beautiful species", none),
    Q("penguins", "average body mass in 2008", lambda t: [t[t.year == 2008].body_mass_g.mean()]),
    Q(
        "penguins",
        "average body mass by species in 2008 and 2009",
        lambda t: [t[t.year.isin([2008, 2009])].groupby(["species", "year"]).body_mass_g.mean()],
    ),
    Q("tips", "total tip by day and smoker", lambda t: [t.groupby(["day", "smoker"]).tip.sum()]),
    Q("tips", "average tip by size", lambda t: [t.groupby("size").tip.mean()]),
    Q("tips", "how many smokers by sex", lambda t: [t[t.smoker == "Yes"].groupby("sex").size()]),
    Q("tips", "how many non-smokers by sex", lambda t: [t[t.smoker == "No"].groupby("sex").size()]),
    Q(
        "tips",
        "share of smokers by day",
        lambda t: [t.groupby("day").smoker.apply(lambda s: (s == "Yes").mean() * 100)],
    ),
    Q("tips", "percent of total_bill by day", lambda t: [t.groupby("day").total_bill.sum() / t.total_bill.sum() * 100]),
    Q("tips", "average total_bill and average tip by day", lambda t: [t.groupby("day")[["total_bill", "tip"]].mean()]),
    Q("tips", "average total bill on weekends", lambda t: [t[t.day.isin(["Sat", "Sun"])].total_bill.mean()]),
    Q(
        "tips",
        "average tip where total_bill is between 20 and 30",
        lambda t: [t[t.total_bill.between(20, 30)].tip.mean()],
    ),
    Q("tips", "total tip by day, except Thur", lambda t: [t[t.day != "Thur"].groupby("day").tip.sum()]),
    Q("tips", "tip against total_bill", lambda t: [t[["tip", "total_bill"]]]),
    Q("tips", "average tip of women by day", lambda t: [t[t.sex == "Female"].groupby("day").tip.mean()]),
    Q("tips", "most generous day", none),
    Q("tips", "total tip per month", none),
    Q("gapminder", "average lifeExp by continent", lambda t: [t.groupby("continent").lifeExp.mean()]),
    Q(
        "gapminder",
        "median gdpPercap by continent in 2007",
        lambda t: [t[t.year == 2007].groupby("continent").gdpPercap.median()],
    ),
    Q("gapminder", "total pop by continent in 2002", lambda t: [t[t.year == 2002].groupby("continent")["pop"].sum()]),
    Q("gapminder", "pop by continent", none),
    Q("gapminder", "lifeExp of Japan over time", lambda t: [t[t.country == "Japan"].set_index("year").lifeExp]),
    Q(
        "gapminder",
        "gdpPercap of France vs Germany over time",
        lambda t: [t[t.country.isin(["France", "Germany"])].set_index(["year", "country"]).gdpPercap],
    ),
    Q(
        "gapminder",
        "average lifeExp over time by continent",
        lambda t: [t.groupby(["year", "continent"]).lifeExp.mean()],
    ),
    Q(
        "gapminder",
        "bottom 5 countries by lifeExp in 2007",
        lambda t: [t[t.year == 2007].set_index("country").lifeExp.nsmallest(5)],
    ),
    Q("gapminder", "number of countries by continent", lambda t: [t.groupby("continent").country.nunique()]),
    Q(
        "gapminder",
        "average lifeExp since 1997 by continent",
        lambda t: [t[t.year >= 1997].groupby("continent").lifeExp.mean()],
    ),
    Q("gapminder", "countries with lifeExp over 80", none),
    Q("gapminder", "sum of iso_num by continent", none),
    Q("weather", "average temp_max per month", lambda t: [t.groupby(month(t.date)).temp_max.mean()]),
    Q("weather", "average wind by day of the week", lambda t: [t.groupby(t.date.dt.day_name()).wind.mean()]),
    Q(
        "weather",
        "total precipitation by month of the year",
        lambda t: [t.groupby(t.date.dt.month_name()).precipitation.sum()],
    ),
    Q("weather", "how many days by weather", lambda t: [t.groupby("weather").size()]),
    Q("weather", "number of sunny days per year", lambda t: [t[t.weather == "sun"].groupby(t.date.dt.year).size()]),
    Q(
        "weather",
        "running total of precipitation per month in 2014",
        lambda t: [t[t.date.dt.year == 2014].groupby(month(t.date)).precipitation.sum().cumsum()],
    ),
    Q(
        "weather",
        "min temp by month",
        lambda t: [t.groupby(month(t.date)).temp_min.mean(), t.groupby(month(t.date)).temp_min.min()],
    ),
    Q("weather", "temp by year", none),
    Q(
        "weather",
        "max wind in January 2013",
        lambda t: [t[(t.date.dt.year == 2013) & (t.date.dt.month == 1)].wind.max()],
    ),
    Q("cars", "average Miles_per_Gallon by Origin", lambda t: [t.groupby("Origin").Miles_per_Gallon.mean()]),
    Q("cars", "average horsepower of cars with 8 cylinders", none),
    Q("cars", "average horsepower with 8 cylinders", lambda t: [t[t.Cylinders == 8].Horsepower.mean()]),
    Q("cars", "Weight_in_lbs vs Acceleration by Origin", lambda t: [t[["Weight_in_lbs", "Acceleration", "Origin"]]]),
    Q("cars", "average weight per year and origin", lambda t: [t.groupby(["Year", "Origin"]).Weight_in_lbs.mean()]),
    Q("cars", "top 3 Origin by number of rows", lambda t: [t.groupby("Origin").size()]),
    Q("flights", "number of flights by origin", lambda t: [t.groupby("origin").size()]),
    Q("flights", "how many cancelled by carrier", lambda t: [t[t.cancelled].groupby("carrier").size()]),
    Q("flights", "average dep_delay by carrier, highest first", lambda t: [t.groupby("carrier").dep_delay.mean()]),
    Q("flights", "average departure delay per month", lambda t: [t.groupby("month").dep_delay.mean()]),
    Q(
        "flights",
        "number of rows with arr_delay over 60 by carrier",
        lambda t: [t[t.arr_delay > 60].groupby("carrier").size()],
    ),
    Q("flights", "number of unique tailnum by carrier", lambda t: [t.groupby("carrier").tailnum.nunique()]),
    Q("flights", "worst carrier", none),
    Q("flights", "how many passengers by carrier", none),
    Q("electricity", "total net_generation by source", lambda t: [t.groupby("source").net_generation.sum()]),
    Q(
        "electricity",
        "year over year growth of net_generation for Renewables",
        lambda t: [t[t.source == "Renewables"].set_index("year").net_generation.pct_change() * 100],
    ),
    Q("medals", "how many gold by nation", none),
    Q("medals", "total count by medal", lambda t: [t.groupby("medal")["count"].sum()]),
    Q("medals", "count by nation and medal as stacked bars", lambda t: [t.set_index(["nation", "medal"])["count"]]),
    Q("election", "number of rows by winner", lambda t: [t.groupby("winner").size()]),
    Q("election", "total total by winner", lambda t: [t.groupby("winner").total.sum()]),
    Q("election", "Coderre and Joly by result", none),
    Q("macro", "average unemp by year", lambda t: [t.groupby("year").unemp.mean()]),
    Q("employment", "construction over time", lambda t: [t.set_index("month").construction]),
    Q("employment", "retail_trade by year", none),
    Q("marriages", "average affairs by religious", lambda t: [t.groupby("religious").affairs.mean()]),
    Q("transplants", "average survival by censors", lambda t: [t.groupby("censors").survival.mean()]),
    Q(
        "pinguine",
        "average Körpermasse by Art and Geschlecht",
        lambda t: [t.groupby(["Art", "Geschlecht"])["Körpermasse"].mean()],
    ),
    Q("bills", "average amount by day", lambda t: [t.assign(a=t.amount.str[1:].astype(float)).groupby("day").a.mean()]),
    Q(
        "bills",
        "number of rows per week",
        lambda t: [
            t.groupby(pd.to_datetime(t["paid on"], format="%m/%d/%y").dt.to_period("W-SUN").dt.start_time).size()
        ],
    ),
    Q("stocks", "average price per year by symbol", lambda t: [t.groupby([t.date.dt.year, "symbol"]).price.mean()]),
    Q("stocks", "price of IBM in 2005", lambda t: [t[(t.symbol == "IBM") & (t.date.dt.year == 2005)].price.mean()]),
]
