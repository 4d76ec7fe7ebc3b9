"""How a computer nation of Sovereign Lines plays: from what it sees and what it remembers, to its commands.

A pure function: no clock, no network, no chance. The observation is described in docs/agents.md.
"""

WILD = 0
# Thousandths of the troops.
EXPAND = 200
# As long as there is wild land, at least this part of as many as it has at home is out to settle it.
SETTLERS = 0.15
# It keeps at home what lies below this part of its cap: troops grow best near it.
RESERVE = 0.35
# It strikes at others who are so much weaker.
SUPERIORITY = 1.6
ATTACKS_MAX = 3
# Turns for which it bears a grudge against who attacked it.
GRUDGE_TURNS = 60


# Of wild land the border alone is said.
NOBODY = {"kind": 1, "troops": 0, "tiles": 0, "allied": False, "asks_me": False, "attacks_me": 0, "immune": False, "traitor": False}


def decide(seen, memory):
    """The commands of one turn, and what is to be remembered: a map of plain values."""
    seen = seen | {"neighbours": [NOBODY | other for other in seen["neighbours"]]}
    memory = {"turns": memory.get("turns", 0) + 1, "grudges": dict(memory.get("grudges", {})), "home": memory.get("home")}
    phase = seen["phase"][0]
    if phase == 0:
        return begin(seen, memory), memory
    if phase != 1:
        return [], memory
    remember_enemies(seen, memory)
    commands = vote(seen, memory) + befriend(seen, memory) + build(seen) + fight(seen, memory)
    return commands, memory


def begin(seen, memory):
    """Chooses a place, once."""
    if memory["home"] is not None or not seen["places"]:
        return []
    memory["home"] = seen["places"][0]
    return [{"do": "spawn", "tile": memory["home"]}]


def remember_enemies(seen, memory):
    turn = memory["turns"]
    grudges = {who: since for who, since in memory["grudges"].items() if turn - since < GRUDGE_TURNS}
    for other in seen["neighbours"]:
        if other["attacks_me"] > 0:
            grudges[other["id"]] = turn
    memory["grudges"] = grudges


def vote(seen, memory):
    """For war on enemies and for peace with everybody else; nobody is expelled."""
    commands = []
    for motion in seen["motions"]:
        if motion["voted"] is None:
            enemy = motion["about"] in memory["grudges"]
            yes = (motion["kind"] == 0 and enemy) or (motion["kind"] == 1 and not enemy)
            commands.append({"do": "vote", "motion": motion["id"], "yes": yes})
    return commands[:2]


def befriend(seen, memory):
    """Takes the hand of whoever is not weaker, unless there is a grudge."""
    me = seen["me"]
    for other in seen["neighbours"]:
        if other["asks_me"] and not other["allied"]:
            good = other["id"] not in memory["grudges"] and other["troops"] * 2 > me["troops"]
            return [{"do": "ally", "with": other["id"]} if good else {"do": "decline", "from": other["id"]}]
    return []


def build(seen):
    """A fort where it is attacked, else a city, as soon as there is gold for two."""
    me, costs = seen["me"], seen["costs"]
    if not seen["places"]:
        return []
    attacked = any(other["attacks_me"] > 0 for other in seen["neighbours"])
    site = "fort" if attacked else "city"
    if me["gold"] < costs[site] * (1 if attacked else 1.3):
        return []
    return [{"do": "build", "site": site, "tile": seen["places"][0]}]


def fight(seen, memory):
    """Takes wild land first, then land of the weakest neighbour; over the sea when there is nobody left beside it."""
    me = seen["me"]
    under_way = {attack["on"] for attack in seen["attacks"]}
    spare = me["troops"] - RESERVE * me["cap"]
    neighbours = {other["id"]: other for other in seen["neighbours"]}
    attacked = sum(other["attacks_me"] for other in seen["neighbours"])
    settling = sum(attack["troops"] for attack in seen["attacks"] if attack["on"] == WILD)
    if WILD in neighbours and settling < SETTLERS * me["troops"]:
        # Troops against the same land join.
        return [{"do": "attack", "on": WILD, "share": EXPAND}]
    if spare <= 0 or attacked > me["troops"] or len(under_way) >= min(ATTACKS_MAX, seen["limits"]["attacks"]):
        return []

    def fair_game(other):
        return other["id"] not in under_way and other["id"] != WILD and not other["allied"] and not other["immune"]

    def weakness(other):
        # Who has wronged it, or others, is dealt with sooner.
        return other["troops"] * (0.5 if other["id"] in memory["grudges"] or other["traitor"] else 1.0)

    targets = sorted(filter(fair_game, neighbours.values()), key=lambda other: (weakness(other), other["id"]))
    if targets and me["troops"] > SUPERIORITY * weakness(targets[0]):
        share = max(50, min(600, int(1000 * spare / max(1, me["troops"]))))
        return [{"do": "attack", "on": targets[0]["id"], "share": share}]
    if not targets and seen["beaches"] and WILD not in neighbours:
        return [{"do": "boat", "to": seen["beaches"][0], "share": 200}]
    return []
