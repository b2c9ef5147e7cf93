"""US geography for the made-up people: which area codes serve which state, and a real ZIP code in each.

The `zipcodes` package names for each ZIP code every area code in reach, neighbours' and Canada's included.
The table below says which codes are a state's own, so that a person's number and address agree.
"""

import collections
import functools
import random
from dataclasses import dataclass

import zipcodes

AREA_CODES_BY_STATE = {
    "AK": "907",
    "AL": "205 251 256 334 659 938",
    "AR": "479 501 870",
    "AZ": "480 520 602 623 928",
    "CA": "209 213 310 323 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 707 714 747 760"
    " 805 818 831 858 909 916 925 949 951",
    "CO": "303 719 720 970",
    "CT": "203 475 860 959",
    "DC": "202",
    "DE": "302",
    "FL": "239 305 321 352 386 407 561 727 754 772 786 813 850 863 904 941 954",
    "GA": "229 404 470 478 678 706 762 770 912",
    "HI": "808",
    "IA": "319 515 563 641 712",
    "ID": "208",
    "IL": "217 224 309 312 331 618 630 708 773 779 815 847 872",
    "IN": "219 260 317 574 765 812",
    "KS": "316 620 785 913",
    "KY": "270 364 502 606 859",
    "LA": "225 318 337 504 985",
    "MA": "339 351 413 508 617 774 781 857 978",
    "MD": "240 301 410 443",
    "ME": "207",
    "MI": "231 248 269 313 517 586 616 734 810 906 947 989",
    "MN": "218 320 507 612 651 763 952",
    "MO": "314 417 573 636 660 816",
    "MS": "228 601 662 769",
    "MT": "406",
    "NC": "252 336 704 828 910 919 980 984",
    "ND": "701",
    "NE": "308 402 531",
    "NH": "603",
    "NJ": "201 551 609 732 848 856 862 908 973",
    "NM": "505 575",
    "NV": "702 725 775",
    "NY": "212 315 347 516 518 585 607 631 646 716 718 845 914 917 929",
    "OH": "216 234 330 419 440 513 567 614 740 937",
    "OK": "405 539 580 918",
    "OR": "458 503 541 971",
    "PA": "215 267 272 412 484 570 610 717 724 814 878",
    "PR": "787 939",
    "RI": "401",
    "SC": "803 843 864",
    "SD": "605",
    "TN": "423 615 629 731 865 901 931",
    "TX": "210 214 254 281 325 361 409 430 432 469 512 682 713 737 806 817 830 832"
    " 903 915 936 940 956 972 979",
    "UT": "385 435 801",
    "VA": "276 434 540 571 703 757 804",
    "VT": "802",
    "WA": "206 253 360 425 509",
    "WI": "262 414 534 608 715 920",
    "WV": "304 681",
    "WY": "307",
}

# Codes whose callers live in more than one time zone: every zone of each of them gets somebody.
SPLIT_AREA_CODES = frozenset(
    {
        "850",
        "928",
        "208",
        "541",
        "308",
        "605",
        "701",
        "620",
        "785",
        "906",
        "915",
        "432",
        "219",
        "574",
        "812",
        "270",
        "364",
        "502",
        "606",
        "423",
        "931",
    }
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A real ZIP code together with an area code that serves it."""

    area_code: str
    zip_code: str
    city: str
    state: str
    timezone: str
    is_po_box: bool


@functools.cache
def list_places() -> tuple[Place, ...]:
    """List every (area code, ZIP code) pair of the 50 states, DC and Puerto Rico; in the order of the ZIP
    codes.
    """
    own = {state: set(codes.split()) for state, codes in AREA_CODES_BY_STATE.items()}
    places = []
    for row in zipcodes.list_all():  # type: ignore[no-untyped-call]  # the package has no types
        if not row["active"] or row["zip_code_type"] not in ("STANDARD", "PO BOX"):
            continue
        for code in row["area_codes"]:
            if code in own.get(row["state"], ()):
                places.append(
                    Place(
                        area_code=code,
                        zip_code=row["zip_code"],
                        city=row["city"],
                        state=row["state"],
                        timezone=row["timezone"],
                        is_po_box=row["zip_code_type"] == "PO BOX",
                    )
                )
    return tuple(places)


def draw_places(count: int, rng: random.Random) -> list[Place]:
    """Draw `count` places in random order, such that every state, zone and split area code is among them.

    1. One place for each (state, zone), 2. one for each zone of a split area code, 3. the rest spread
    evenly over all area codes, each in the zone most of its ZIP codes lie in. Raises ValueError when
    `count` is too small for steps 1 and 2.
    """
    by_state_zone: dict[tuple[str, str], list[Place]] = collections.defaultdict(list)
    by_code_zone: dict[tuple[str, str], list[Place]] = collections.defaultdict(list)
    for place in list_places():
        by_state_zone[place.state, place.timezone].append(place)
        by_code_zone[place.area_code, place.timezone].append(place)

    drawn = [rng.choice(places) for _, places in sorted(by_state_zone.items())]
    split = [
        key for key in sorted(by_code_zone) if key[0] in SPLIT_AREA_CODES and len(by_code_zone[key]) >= 3
    ]
    drawn += [rng.choice(by_code_zone[key]) for key in split]
    if len(drawn) > count:
        raise ValueError(f"{count} people cannot cover {len(drawn)} states and zones; ask for more people")

    main: dict[str, list[Place]] = {}
    for (code, _), places in sorted(by_code_zone.items()):
        if len(places) > len(main.get(code, [])):
            main[code] = places
    codes: list[str] = []
    while len(drawn) < count:
        if not codes:
            codes = sorted(main)
            rng.shuffle(codes)
        drawn.append(rng.choice(main[codes.pop()]))
    rng.shuffle(drawn)
    return drawn
