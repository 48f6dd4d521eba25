"""The tables: ratios first."""

import statistics

from .load import CLIENTS, SCENARIOS

# What each scenario is to reach; the reasons are in the README.
RATIOS = {("SQLite", "fastify"): {"patient": 5, "search": 4, "book": 6}, ("SQLite", "flask"): {"patient": 40},
          ("PostgreSQL", "fastify"): {"patient": 2.5, "search": 1.5, "book": 1.5}, ("PostgreSQL", "flask"): {"patient": 20}}
RATES = {"SQLite": {"mixed": 13_000}, "PostgreSQL": {"mixed": 6_000}}
P99 = {"SQLite": {"search": 15, "day": 8, "chart": 25}, "PostgreSQL": {"search": 25, "day": 15, "chart": 25}}
AT_REST_MB, UNDER_LOAD_MB = 40, 150
READY_MS = {"SQLite": 200, "PostgreSQL": 300}
GROWTH = 1.5
TITLES = {"patient": "patient by id", "search": "patient search", "day": "a clinic's day", "book": "book", "complete": "complete → CPT → invoice",
          "mixed": "mixed day, 80 % reads", "chart": "chart of 1,000 visits"}


class Results:
    """All runs: by server and scenario, and by server what start and memory cost."""

    def __init__(self):
        self.runs, self.ready_ms, self.at_rest_mb, self.limits = {}, {}, {}, {}

    def add(self, server, scenario, measured):
        self.runs.setdefault((server.key, scenario), []).append(measured)

    def median(self, key, scenario, field):
        runs = self.runs.get((key, scenario))
        return statistics.median(getattr(run, field) for run in runs) if runs else None

    def memory(self, key, which):
        """The highest of all runs."""
        seen = [run.memory_mb[which] for (server, _), runs in self.runs.items() if server == key for run in runs]
        return max(seen, default=None)

    def medians(self):
        """As plain data, to compare a later run with."""
        fields = ("per_second", "p50_ms", "p99_ms")
        return {f"{key}/{scenario}": {field: self.median(key, scenario, field) for field in fields} for key, scenario in self.runs}


def table(head, rows):
    widths = [max(len(str(row[column])) for row in [head, *rows]) for column in range(len(head))]
    def line(cells):
        return "| " + " | ".join(str(cell).ljust(width) for cell, width in zip(cells, widths)) + " |"
    return "\n".join([line(head), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(line, rows)])


def verdict(value, target, at_least):
    if target is None:
        return "–"
    return "reached" if (value >= target if at_least else value <= target) else "MISSED"


def ratios(results, servers, scenarios):
    peers = [server for server in servers if server.key in ("fastify", "flask")]
    rows = []
    for scenario in scenarios:
        for ours in (server for server in servers if server not in peers):
            for peer in peers:
                mine, theirs = (results.median(each.key, scenario, "per_second") for each in (ours, peer))
                if theirs is None:
                    continue
                target = RATIOS[ours.database, peer.key].get(scenario)
                ratio = mine / theirs
                rows.append((TITLES[scenario], ours.database, peer.name, f"{ratio:.1f} ×", f"≥ {target} ×" if target else "–", verdict(ratio, target, True)))
    return table(("work", "ClinicHub on", "beside", "ratio", "target", ""), rows)


def targets(results, servers, scenarios):
    """What isn't a ratio."""
    rows = []
    for server in (server for server in servers if server.key.startswith("clinichub")):
        def row(what, value, target, unit, at_least, server=server):
            sign = "≥" if at_least else "<"
            rows.append((what, server.database, f"{value:,.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}", f"{sign} {target:,} {unit}",
                         verdict(value, target, at_least)))

        for scenario in scenarios:
            if target := RATES[server.database].get(scenario):
                row(TITLES[scenario], results.median(server.key, scenario, "per_second"), target, "requests/s", True)
            if target := P99[server.database].get(scenario):
                row(f"{TITLES[scenario]}, p99", results.median(server.key, scenario, "p99_ms"), target, "ms", False)
        row("memory at rest", statistics.median(mb[1] for mb in results.at_rest_mb[server.key]), AT_REST_MB, "MB", False)
        row("memory under load", results.memory(server.key, 0), UNDER_LOAD_MB, "MB", False)
        row("start to ready", statistics.median(results.ready_ms[server.key]), READY_MS[server.database], "ms", False)
    return table(("what", "ClinicHub on", "measured", "target", ""), rows)


def figures(results, servers, scenarios):
    rows = []
    for scenario in scenarios:
        for server in servers:
            value = {field: results.median(server.key, scenario, field) for field in ("per_second", "p50_ms", "p99_ms", "cpu_us", "errors")}
            if value["per_second"] is None:
                continue
            limit = results.limits.get(server.database, {}).get(scenario) if server.key.startswith("clinichub") else None
            rows.append((TITLES[scenario], server.name, f"{value['per_second']:,.0f}", f"{value['p50_ms']:.1f}", f"{value['p99_ms']:.1f}",
                         f"{value['cpu_us']:,.0f}", f"{value['per_second'] / limit:.0%} of {limit:,.0f}" if limit else "–", f"{value['errors']:.0f}"))
    return table(("work", "server", "requests/s", "p50 ms", "p99 ms", "CPU µs a request", "of the database alone", "errors"), rows)


def costs(results, servers):
    rows = []
    for server in servers:
        at_rest = [statistics.median(mb[which] for mb in results.at_rest_mb[server.key]) for which in (0, 1)]
        loaded = [results.memory(server.key, which) for which in (0, 1)]
        rows.append((server.name, f"{statistics.median(results.ready_ms[server.key]):.0f}", f"{at_rest[0]:.0f} ({at_rest[1]:.0f})",
                     f"{loaded[0]:.0f} ({loaded[1]:.0f})"))
    return table(("server", "start to ready ms", "memory at rest MB", "memory under load MB"), rows)


def growth(results, smaller, scenarios):
    """How much slower each median is on ten times the data."""
    rows = []
    for key in sorted({key for key, _ in results.runs}):
        for scenario in scenarios:
            before, after = smaller.get(f"{key}/{scenario}"), results.median(key, scenario, "p50_ms")
            if before and after:
                factor = after / before["p50_ms"]
                told = verdict(factor, GROWTH, False) if key.startswith("clinichub") else "–"
                rows.append((TITLES[scenario], key, f"{before['p50_ms']:.1f}", f"{after:.1f}", f"{factor:.2f} ×", told))
    return table(("work", "server", "p50 ms", "p50 ms, ten times the data", "factor", ""), rows)


def written(results, servers, head, smaller=None):
    scenarios = [scenario for scenario in SCENARIOS if any((server.key, scenario) in results.runs for server in servers)]
    parts = []
    if any(server.key in ("fastify", "flask") for server in servers):
        parts += ["## ClinicHub beside the others", ratios(results, servers, scenarios)]
    parts += ["## Targets that aren't ratios", targets(results, servers, scenarios)]
    if smaller:
        parts += ["## Ten times the data", growth(results, smaller, scenarios)]
    clients = ", ".join(f"{count} for {TITLES[scenario]}" for scenario, count in CLIENTS.items())
    parts += ["## Figures", f"64 clients ({clients}). CPU is that of server and database together.", figures(results, servers, scenarios),
              "## Start and memory", "Memory is the processes' own, with the pages of mapped files in brackets (the operating system gives those "
              "back when others need room); without PostgreSQL's, which the servers on it share.", costs(results, servers)]
    return "\n\n".join([head, *parts]) + "\n"
