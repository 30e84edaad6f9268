"""Write stranger.json: questions about public tables and the answers by pandas.

Needs pandas, vega_datasets, plotly, statsmodels and scikit-learn; no network.
"""

import datetime
import json
import math
import os
import sys

import pandas as pd

V = "__import__('vega_datasets').local_data.%s()"
PL = "__import__('plotly.data').data.%s()"
SM = "__import__('statsmodels.api').api.datasets.%s.load_pandas().data"
SK = "__import__('sklearn.datasets').datasets.load_%s(as_frame=True).frame"
SOURCES = {
    n: V % n
    for n in [
        "cars",
        "barley",
        "seattle_weather",
        "burtin",
        "crimea",
        "driving",
        "stocks",
        "us_employment",
        "wheat",
        "iowa_electricity",
        "airports",
        "ohlc",
        "iris",
    ]
}
SOURCES |= {n: PL % n for n in ["gapminder", "tips", "wind", "carshare", "experiment", "medals_long"]}
SOURCES |= {
    n: SM % n for n in ["ccard", "longley", "sunspots", "macrodata", "engel", "heart", "spector", "fair", "elnino"]
}
SOURCES["statecrime"] = SM % "statecrime" + ".reset_index()"
SOURCES["fertility"] = SM % "fertility"
SOURCES["wine"] = SK % "wine"
CACHE = {}
OUT = []


def table(n):
    if n not in CACHE:
        CACHE[n] = eval(SOURCES[n])
    return CACHE[n].copy()


def cell(x):
    if x is None or x is pd.NaT or (isinstance(x, float) and math.isnan(x)):
        return None
    if isinstance(x, (pd.Timestamp, datetime.date)):
        return x.strftime("%Y-%m-%d")
    if isinstance(x, pd.Interval):
        return str(x)
    if hasattr(x, "item"):
        x = x.item()
    return float(f"{x:.9g}") if isinstance(x, float) else x


def rows(r):
    if isinstance(r, pd.Series):
        r = r.reset_index()
    if isinstance(r, pd.DataFrame):
        return [[cell(x) for x in t] for t in r.itertuples(index=False)]
    if isinstance(r, list):
        return [[cell(x) for x in t] for t in r]
    return [[cell(r)]]


def Q(tab, question, f=None, note=None):
    a = "ambiguous" if f is None else {"kind": "table", "rows": rows(f(table(tab)))}
    o = {"table": tab, "source": SOURCES[tab], "question": question, "answer": a}
    if note:
        o["note"] = note
    OUT.append(o)


# cars
Q("cars", "how many cars per origin", lambda d: d.groupby("Origin").size())
Q("cars", "average mpg by country of origin as a bar chart", lambda d: d.groupby("Origin")["Miles_per_Gallon"].mean())
Q("cars", "Which car is the heaviest?", lambda d: d.nlargest(1, "Weight_in_lbs")[["Name", "Weight_in_lbs"]])
Q("cars", "top 5 horsepower", lambda d: d.nlargest(5, "Horsepower", keep="all")[["Name", "Horsepower"]])
Q(
    "cars",
    "has fuel economy got better over the years? line chart pls",
    lambda d: d.groupby(d.Year.dt.year)["Miles_per_Gallon"].mean(),
)
Q(
    "cars",
    "what share of the cars have 8 cylinders",
    lambda d: (d.Cylinders == 8).mean(),
    "a share of 1; as percent times 100",
)
Q("cars", "corelation between weight and mpg", lambda d: d["Weight_in_lbs"].corr(d["Miles_per_Gallon"]))
Q(
    "cars",
    "Japanese cars with more than 100 hp, how many?",
    lambda d: ((d.Origin == "Japan") & (d.Horsepower > 100)).sum(),
)
Q(
    "cars",
    "avg acceleration by cylinders and origin",
    lambda d: d.groupby(["Cylinders", "Origin"])["Acceleration"].mean(),
)
Q("cars", "which is the best car?")
Q("cars", "what's the price of the fastest car")
Q(
    "cars",
    "median weight of European vs US cars",
    lambda d: d[d.Origin.isin(["Europe", "USA"])].groupby("Origin")["Weight_in_lbs"].median(),
)
Q("cars", "how many cars have no horsepower listed", lambda d: d.Horsepower.isna().sum())
# barley
Q(
    "barley",
    "total yield per site, biggest first",
    lambda d: d.groupby("site")["yield"].sum().sort_values(ascending=False),
)
Q(
    "barley",
    "Which variety had the highest average yield in 1932?",
    lambda d: d[d.year == 1932].groupby("variety")["yield"].mean().nlargest(1),
)
Q("barley", "compare 1931 and 1932 mean yield at each site", lambda d: d.groupby(["site", "year"])["yield"].mean())
Q("barley", "how many different varieties are there", lambda d: d.variety.nunique())
Q(
    "barley",
    "lowest yield ever recorded at Duluth and which variety",
    lambda d: d[d.site == "Duluth"].nsmallest(1, "yield")[["variety", "yield"]],
)
Q(
    "barley",
    "at which site was 1932 better than 1931 on average?",
    lambda d: [
        [s] for s, g in d.groupby("site") if g[g.year == 1932]["yield"].mean() > g[g.year == 1931]["yield"].mean()
    ],
)
Q("barley", "will the harvest be good next year")
# seattle weather
Q("seattle_weather", "number of days by weather type (pie)", lambda d: d.groupby("weather").size())
Q("seattle_weather", "Total precipitation per year", lambda d: d.groupby(d.date.dt.year)["precipitation"].sum())
Q("seattle_weather", "hottest day?", lambda d: d.nlargest(1, "temp_max", keep="all")[["date", "temp_max"]])
Q(
    "seattle_weather",
    "average max temp for each month of the year",
    lambda d: d.groupby(d.date.dt.month)["temp_max"].mean(),
)
Q(
    "seattle_weather",
    "how many days it snowed in 2012",
    lambda d: ((d.weather == "snow") & (d.date.dt.year == 2012)).sum(),
)
Q("seattle_weather", "percent of days with any precipitation", lambda d: (d.precipitation > 0).mean() * 100)
Q(
    "seattle_weather",
    "what is the mean wind on foggy days compared with sunny days",
    lambda d: d[d.weather.isin(["fog", "sun"])].groupby("weather")["wind"].mean(),
)
Q(
    "seattle_weather",
    "histogram of temp_max in 5 degree bins",
    lambda d: (d.temp_max // 5 * 5).value_counts().sort_index(),
    "rows: lower edge of the bin, days; bins closed on the left at multiples of 5",
)
Q(
    "seattle_weather",
    "how many days below freezing at night in each year",
    lambda d: d[d.temp_min < 0].groupby(d.date.dt.year).size(),
)
Q("seattle_weather", "is the weather nice in Seattle?")
Q(
    "seattle_weather",
    "wettest month overall (say year and month)",
    lambda d: (lambda s: [[s.idxmax(), s.max()]])(d.groupby(d.date.dt.strftime("%Y-%m"))["precipitation"].sum()),
)
# stocks
Q("stocks", "average price per stock", lambda d: d.groupby("symbol")["price"].mean())
Q("stocks", "highest price each symbol reached", lambda d: d.groupby("symbol")["price"].max())
Q(
    "stocks",
    "show apple's yearly average price",
    lambda d: (lambda x: x.groupby(x.date.dt.year)["price"].mean())(d[d.symbol == "AAPL"]),
)
Q("stocks", "when was the first google price in the data", lambda d: d[d.symbol == "GOOG"].date.min())
Q(
    "stocks",
    "msft vs ibm in december 2005",
    lambda d: d[d.symbol.isin(["MSFT", "IBM"]) & (d.date.dt.strftime("%Y-%m") == "2005-12")][["symbol", "price"]],
)
Q("stocks", "which stock should i buy")
Q("stocks", "trading volume of AMZN by year")
# airports
Q("airports", "Top 10 states by number of airports", lambda d: d.groupby("state").size().nlargest(10))
Q("airports", "how many airports are not in the USA?", lambda d: (d.country != "USA").sum())
Q("airports", "airports in alaska - count", lambda d: (d.state == "AK").sum())
Q("airports", "northernmost airport", lambda d: d.nlargest(1, "latitude")[["name", "latitude"]])
Q(
    "airports",
    "which cities have 4 airports or more",
    lambda d: (lambda s: s[s >= 4].sort_values(ascending=False))(d.groupby(["city", "state"]).size()),
    "a city is a pair of city and state here, as names repeat over states",
)
Q("airports", "busiest airport")
# iowa
Q("iowa_electricity", "Total generation by source, all years", lambda d: d.groupby("source")["net_generation"].sum())
Q(
    "iowa_electricity",
    "renewables per year trend",
    lambda d: (lambda x: x.groupby(x.year.dt.year)["net_generation"].sum())(d[d.source == "Renewables"]),
)
Q(
    "iowa_electricity",
    "share of each source in 2017, in %",
    lambda d: (lambda x: x.set_index("source")["net_generation"] / x["net_generation"].sum() * 100)(
        d[d.year.dt.year == 2017]
    ),
)
Q(
    "iowa_electricity",
    "in what year did renewables first beat nuclear?",
    lambda d: (lambda p: p[p["Renewables"] > p["Nuclear Energy"]].index.min())(
        d.assign(y=d.year.dt.year).pivot(index="y", columns="source", values="net_generation")
    ),
)
Q("iowa_electricity", "how much co2 did iowa emit")
# us employment
Q(
    "us_employment",
    "average construction jobs by year",
    lambda d: d.groupby(d.month.str[:4].astype(int))["construction"].mean(),
)
Q("us_employment", "month with fewest nonfarm jobs", lambda d: d.nsmallest(1, "nonfarm")[["month", "nonfarm"]])
Q(
    "us_employment",
    "how many manufacturing jobs were lost from jan 2008 to jan 2010",
    lambda d: (lambda s: s["2008-01-01"] - s["2010-01-01"])(d.set_index("month")["manufacturing"]),
    "in thousands, as the table",
)
# crimea, driving, wheat, burtin, ohlc, iris
Q("crimea", "sum of deaths by cause", lambda d: [[c, d[c].sum()] for c in ["wounds", "other", "disease"]])
Q("crimea", "worst month for disease", lambda d: d.nlargest(1, "disease")[["date", "disease"]])
Q(
    "crimea",
    "in how many months did more men die from wounds than from disease?",
    lambda d: (d.wounds > d.disease).sum(),
)
Q("driving", "Year with highest gas price", lambda d: d.nlargest(1, "gas")[["year", "gas"]])
Q("driving", "mean miles driven by decade", lambda d: d.groupby(d.year // 10 * 10)["miles"].mean())
Q(
    "driving",
    "did people drive less when gas was dear? give correlation of gas and miles",
    lambda d: d.gas.corr(d.miles),
)
Q("wheat", "what was the wage in 1700 and the wheat price", lambda d: d[d.year == 1700][["wages", "wheat"]])
Q("wheat", "price of wheat, max min and mean", lambda d: [[d.wheat.max(), d.wheat.min(), d.wheat.mean()]])
Q(
    "wheat",
    "wheat to wage ratio, which year was it worst for the worker?",
    lambda d: (lambda s: [[d.year[s.idxmax()], s.max()]])(d.wheat / d.wages),
)
Q("burtin", "how many bacteria are gram positive / negative", lambda d: d.groupby("Gram_Staining").size())
Q(
    "burtin",
    "Against how many bacteria is penicillin the strongest (lowest value)?",
    lambda d: ((d.Penicillin < d.Streptomycin) & (d.Penicillin < d.Neomycin)).sum(),
)
Q("burtin", "which antibiotic is best?", None, "best for which bacteria, by which measure")
Q("ohlc", "count of long, short and neutral signals", lambda d: d.groupby("signal").size())
Q(
    "ohlc",
    "biggest daily range (high minus low), what day",
    lambda d: (lambda s: [[d.date[s.idxmax()], s.max()]])(d.high - d.low),
)
Q("ohlc", "how many days did it close above the open", lambda d: (d.close > d.open).sum())
Q("iris", "mean petal length for every species", lambda d: d.groupby("species")["petalLength"].mean())
Q("iris", "sepal width above 3.5, count by species", lambda d: d[d.sepalWidth > 3.5].groupby("species").size())
Q("iris", "which flower is the prettiest?")
# gapminder
Q("gapminder", "population by continent in 2007", lambda d: d[d.year == 2007].groupby("continent")["pop"].sum())
Q(
    "gapminder",
    "ten countries with highest life expectancy in 2007",
    lambda d: d[d.year == 2007].nlargest(10, "lifeExp")[["country", "lifeExp"]],
)
Q("gapminder", "life expectancy in Kenya over time", lambda d: d[d.country == "Kenya"][["year", "lifeExp"]])
Q("gapminder", "how many contries in each continent", lambda d: d.groupby("continent")["country"].nunique())
Q(
    "gapminder",
    "Which European country had the lowest gdp per capita in 1952",
    lambda d: d[(d.year == 1952) & (d.continent == "Europe")].nsmallest(1, "gdpPercap")[["country", "gdpPercap"]],
)
Q("gapminder", "richest country", None, "per head or in total, in which year")
Q(
    "gapminder",
    "India vs China pop, every year",
    lambda d: d[d.country.isin(["India", "China"])][["country", "year", "pop"]],
)
Q(
    "gapminder",
    "number of countries with life expectancy under 50 by year",
    lambda d: d[d.lifeExp < 50].groupby("year").size(),
)
Q("gapminder", "which country grew the most", None, "in people, income or years of life; absolute or relative")
Q(
    "gapminder",
    "correlation of gdp per cap and life exp in 2007",
    lambda d: (lambda x: x.gdpPercap.corr(x.lifeExp))(d[d.year == 2007]),
)
# tips
Q("tips", "average tip by day", lambda d: d.groupby("day")["tip"].mean())
Q(
    "tips",
    "total bill for smokers vs non smokers",
    lambda d: d.groupby("smoker")["total_bill"].sum(),
    "the word total may be the column's; the sum is meant and the mean is defensible",
)
Q(
    "tips",
    "who tips a higher percentage, men or women (mean of tip / bill)",
    lambda d: (d.tip / d.total_bill * 100).groupby(d.sex).mean(),
)
Q("tips", "how many smokers", lambda d: (d.smoker == "Yes").sum())
Q("tips", "biggest tip, and how big was the bill", lambda d: d.nlargest(1, "tip")[["tip", "total_bill"]])
Q("tips", "parties of 4+ at lunch", lambda d: ((d["size"] >= 4) & (d.time == "Lunch")).sum(), "a count")
Q("tips", "stacked bar of number of rows by day and time", lambda d: d.groupby(["day", "time"]).size())
Q("tips", "which waiter got the most tips")
Q("tips", "are the customers happy")
# wind, carshare, experiment, medals
Q("wind", "sum of frequency per direction", lambda d: d.groupby("direction")["frequency"].sum())
Q(
    "wind",
    "strongest wind directon: where does 6+ occur most",
    lambda d: d[d.strength == "6+"].nlargest(1, "frequency", keep="all")[["direction", "frequency"]],
)
Q("carshare", "avg car hours by peak hour", lambda d: d.groupby("peak_hour")["car_hours"].mean())
Q(
    "carshare",
    "how many places have their peak between 7 and 9 (both included)",
    lambda d: d.peak_hour.between(7, 9).sum(),
)
Q("carshare", "best neighbourhood for car sharing")
Q("experiment", "mean of experiment 1 in treatment and control", lambda d: d.groupby("group")["experiment_1"].mean())
Q("experiment", "did the experiment work?", None, "three experiments and no aim stated")
Q("experiment", "std dev of experiment_3 for males and females", lambda d: d.groupby("gender")["experiment_3"].std())
Q("medals_long", "all medals per nation", lambda d: d.groupby("nation")["count"].sum())
Q(
    "medals_long",
    "percentage of golds won by South Korea",
    lambda d: (lambda g: g[g.nation == "South Korea"]["count"].sum() / g["count"].sum() * 100)(d[d.medal == "gold"]),
)
# statsmodels
Q("ccard", "average expenditure for owners (OWNRENT=1) and renters", lambda d: d.groupby("OWNRENT")["AVGEXP"].mean())
Q("ccard", "how many people older than 40", lambda d: (d.AGE > 40).sum())
Q("sunspots", "top three years of sunspot activity", lambda d: d.nlargest(3, "SUNACTIVITY")[["YEAR", "SUNACTIVITY"]])
Q(
    "sunspots",
    "average sun activity per century (1700s, 1800s...)",
    lambda d: d.groupby(d.YEAR // 100 * 100)["SUNACTIVITY"].mean(),
)
Q("macrodata", "yearly mean unemployment as line", lambda d: d.groupby("year")["unemp"].mean())
Q("macrodata", "which quarter had the highest inflation", lambda d: d.nlargest(1, "infl")[["year", "quarter", "infl"]])
Q("macrodata", "what caused the recession of 2008?")
Q(
    "macrodata",
    "quarters with negative real interest rate in the 1970s",
    lambda d: (d.year.between(1970, 1979) & (d.realint < 0)).sum(),
    "a count; the list of the quarters is as good",
)
Q(
    "statecrime",
    "5 states with most murders per head",
    lambda d: d.nlargest(5, "murder", keep="all")[["state", "murder"]],
    "murder is already a rate",
)
Q("statecrime", "is poverty related to murder? correlation", lambda d: d.poverty.corr(d.murder))
Q("statecrime", "which states have under 10 % poverty", lambda d: d[d.poverty < 10][["state", "poverty"]])
Q("statecrime", "safest state", None, "by violent crime or by murder; the columns may disagree")
Q("longley", "unemployed in 1954", lambda d: d[d.YEAR == 1954]["UNEMP"].iloc[0])
Q(
    "spector",
    "how many students got a better grade (GRADE=1) with and without PSI",
    lambda d: d.groupby("PSI")["GRADE"].sum(),
)
Q("fair", "mean affairs by marriage rating", lambda d: d.groupby("rate_marriage")["affairs"].mean())
Q("fair", "what pct of women had any affair", lambda d: (d.affairs > 0).mean() * 100)
Q("fertility", "fertility in 2000: five highest countries", lambda d: d.nlargest(5, "2000")[["Country Name", "2000"]])
Q(
    "fertility",
    "how did fertility change in Brazil between 1960 and 2010 (difference)",
    lambda d: (lambda r: r["2010"] - r["1960"])(d[d["Country Name"] == "Brazil"].iloc[0]),
)
Q(
    "engel",
    "what share of income goes for food on average (mean of foodexp/income)",
    lambda d: (d.foodexp / d.income).mean(),
)
Q("heart", "average survival by censor flag", lambda d: d.groupby("censors")["survival"].mean())
Q("heart", "survival of men vs women")
Q("elnino", "warmest january", lambda d: d.nlargest(1, "JAN")[["YEAR", "JAN"]])
Q("wine", "alcohol by class, mean", lambda d: d.groupby("target")["alcohol"].mean())
Q("wine", "how many wines with alcohol over 14", lambda d: (d.alcohol > 14).sum())
Q("wine", "wich wine tastes best")
# afterthoughts
Q("tips", "pct of smokers among women and among men", lambda d: (d.smoker == "Yes").groupby(d.sex).mean() * 100)
Q(
    "tips",
    "distribution of total bill, bins of 10 dollars",
    lambda d: (d.total_bill // 10 * 10).value_counts().sort_index(),
    "rows: lower edge of the bin, count; closed on the left",
)
Q(
    "tips",
    "non smoking dinners on sunday, avg bill",
    lambda d: d[(d.smoker == "No") & (d.time == "Dinner") & (d.day == "Sun")]["total_bill"].mean(),
)
Q("tips", "day with the most guests (add up party size)", lambda d: d.groupby("day")["size"].sum().nlargest(1))
Q("cars", "number of cars with mpg unknown, by origin", lambda d: d[d.Miles_per_Gallon.isna()].groupby("Origin").size())
Q(
    "cars",
    "cars from 1975 that do better than 30 mpg, list them",
    lambda d: d[(d.Year.dt.year == 1975) & (d.Miles_per_Gallon > 30)][["Name", "Miles_per_Gallon"]],
)
Q(
    "cars",
    "scatter hp vs mpg, only 4 cyl: whats the correlation",
    lambda d: (lambda x: x.Horsepower.corr(x.Miles_per_Gallon))(d[d.Cylinders == 4]),
)
Q("cars", "sales per origin")
Q("ccard", "do home owners earn more? mean INCOME by OWNRENT", lambda d: d.groupby("OWNRENT")["INCOME"].mean())
Q("ccard", "how many rent and how many own", lambda d: d.groupby("OWNRENT").size(), "1 owns, 0 rents")
Q("spector", "share of students who got PSI", lambda d: d.PSI.mean(), "a share of 1; as percent times 100")
Q(
    "gapminder",
    "average life expectancy per continent and year, line chart with one line each",
    lambda d: d.groupby(["continent", "year"])["lifeExp"].mean(),
)
Q(
    "gapminder",
    "countries over 100 million people in 2007",
    lambda d: d[(d.year == 2007) & (d["pop"] > 100_000_000)][["country", "pop"]],
)
Q(
    "gapminder",
    "which 3 countries gained most years of life from 1952 to 2007",
    lambda d: (lambda p: (p[2007] - p[1952]).nlargest(3))(d.pivot(index="country", columns="year", values="lifeExp")),
)
Q(
    "gapminder",
    "share of the world pop (of this table) living in asia, by year, in percent",
    lambda d: d[d.continent == "Asia"].groupby("year")["pop"].sum() / d.groupby("year")["pop"].sum() * 100,
)
Q("gapminder", "happiness of Danes")
Q(
    "stocks",
    "whats the avrage google price in 2009",
    lambda d: d[(d.symbol == "GOOG") & (d.date.dt.year == 2009)]["price"].mean(),
)
Q("stocks", "number of months AMZN was above 100", lambda d: ((d.symbol == "AMZN") & (d.price > 100)).sum())
Q("stocks", "growth of the stocks", None, "over which period; absolute, in percent or per year; GOOG starts later")
Q("airports", "how many airports in TX, CA and NY together", lambda d: d.state.isin(["TX", "CA", "NY"]).sum())
Q("airports", "names with the word International: how many?", lambda d: d.name.str.contains("International").sum())
Q("airports", "what is near me?")
Q(
    "seattle_weather",
    "rainy days (weather = rain) per year",
    lambda d: d[d.weather == "rain"].groupby(d.date.dt.year).size(),
)
Q(
    "seattle_weather",
    "mean difference between max and min temperature in july",
    lambda d: (d.temp_max - d.temp_min)[d.date.dt.month == 7].mean(),
)
Q(
    "seattle_weather",
    "how many rainy days were there",
    None,
    "weather is rain on 259 days, but precipitation is above 0 on 623",
)
Q("barley", "standard deviation of yield per year", lambda d: d.groupby("year")["yield"].std())
Q("macrodata", "average inflation in each decade", lambda d: d.groupby(d.year // 10 * 10)["infl"].mean())
Q(
    "macrodata",
    "real gdp last quarter in data compared to first: how many times bigger",
    lambda d: d.realgdp.iloc[-1] / d.realgdp.iloc[0],
)
Q("fertility", "how many countries have under 2 births per woman in 2010", lambda d: (d["2010"] < 2).sum())
Q("fertility", "why do women in Italy have fewer children")
Q("wine", "proportion of each class", lambda d: d.target.value_counts(normalize=True).sort_index(), "shares of 1")


if __name__ == "__main__":
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "stranger.json")
    new = json.dumps(OUT, ensure_ascii=False, indent=1) + "\n"
    if "--check" in sys.argv:
        print("same" if open(path, encoding="utf-8").read() == new else "differs")
    else:
        open(path, "w", encoding="utf-8").write(new)
    print(
        len(OUT),
        "questions,",
        sum(o["answer"] == "ambiguous" for o in OUT),
        "ambiguous,",
        len({o["table"] for o in OUT}),
        "tables",
    )
