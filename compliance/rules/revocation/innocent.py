"""What is not the writer's wish: our own instructions repeated, negated words, places where the words mean something else.

Blanked out of the line before it is read for a revocation, so “the bus stop”, “don't stop” and “cancel at any time” say nothing.
"""

from compliance.rules.revocation.phrase import gap, phrases

INNOCENT = phrases(
    "",
    (
        (
            "instruction_repeated",
            "reply text txt send type responda responde envie envia conteste",
            r"(?:reply|text|txt|send|type|responda|responde|envie|envia|conteste) (?:with )?"
            r"(?:stop|end|quit|cancel|remove|unsubscribe|alto|baja|parar|cancelar|out|"
            r"\d)(?: or \w+)? (?:to|for|para)\b[^|]{0,80}",
        ),
        (
            "footer",
            "click reply visit text call unsubscribe",
            r"(?:(?:to|2) (?:stop|end|cancel|exit|opt out|unsubscribe|be removed)|if you (?:no longer|"
            r"dont) (?:wish|want))\b[^|]{0,80}"
            r"(?:click|reply|visit|text (?:stop|end|quit|remove)|call \d|unsubscribe here)\b[^|]{0,60}",
        ),
        (
            "footer_link",
            "unsubscribe click",
            r"unsubscribe (?:here|at any time)|click here to unsubscribe|one click unsubscribe",
        ),
        (
            "may_opt_out",
            "opt unsubscribe",
            rf"(?:how|when|where|that|can|could|may|option|right) {gap(4)}(?:opt out|"
            r"unsubscribe) (?:at )?any ?time",
        ),
        (
            "told_how",
            "told explained informed showed advised reminded",
            r"(?:told|explained|informed|showed|advised|reminded) (?:\w+ ){0,3}(?:how to|can|could|"
            r"may) (?:\w+ )?(?:opt out|unsubscribe|cancel|stop)",
        ),
        ("asked_how", "explained asked", r"(?:explained|asked about) (?:opt out|unsubscribe|dnc)"),
        (
            "not_on_dnc",
            "dnc",
            r"(?:checked|scrubbed|cleared|verified|not|isnt|arent|never) (?:\w+ ){0,2}dnc(?: per check)?|"
            r"no dnc",
        ),
        (
            "negated",
            "dont never cant couldnt cannot not non wont doesnt didnt isnt wouldnt shouldnt hope nor",
            r"(?:dont|never|cant|couldnt|cannot|not|non|wont|doesnt|didnt|isnt|wouldnt|shouldnt|"
            r"hope you dont|nor) "
            r"(?:\w+ly |ever |even |just |you )?(?:stop|quit|cancel|cease|end|unsubscribe|opt out|remove|"
            r"lose|delete)(?: me)?"
            r"(?: (?:(?:the|your|these|my|from|sending|calling|texting|messaging|emailing) ?){1,5})?",
        ),
        (
            "never_said",
            "never didnt havent not",
            r"(?:never|didnt|havent|not) (?:\w+ )?(?:said|say|saying|asked|ask|told|tell|"
            r"texted) (?:\w+ ){0,3}(?:stop|quit|cancel|unsubscribe)",
        ),
        (
            "asks_whether",
            "did do does will would are",
            r"(?:did|do|does|will|would|are) (?:you|they|he|she|it|we|u) (?:ever |all |guys )?(?:stop|"
            r"quit|end|start|cancel)(?: \w+ing)?",
        ),
        (
            "stop_as_a_place",
            "stop stops",
            r"(?:bus|pit|truck|rest|one|last|next|first|full|train|metro|traffic|nonstop|final) stops?",
        ),
        (
            "stop_otherwise",
            "stop",
            r"stop (?:by|at|in|over|off|motion|loss|sign|light|payment|shop|watch|and shop|& shop|"
            r"to (?:get|pick|buy))\b",
        ),
        (
            "end_otherwise",
            "end",
            r"(?:dead|week|month|year|deep|high|low|rear|front|back|the|at|that|this|tail|far|"
            r"other) end\b|end (?:of|date|up|unit|table|user)\b",
        ),
        ("quit_otherwise", "quit", r"quit (?:claim|smoking|drinking|my|his|her|the|their|working|on)\b"),
        (
            "other_list",
            "list waitlist wishlist shortlist",
            r"(?:wait|waiting|price|guest|to do|wish|shopping|short|client|packing) ?list|list price",
        ),
        (
            "no_quiero_que_paren",
            "no",
            r"no (?:quiero|queremos|quisiera) que (?:\w+ )?(?:paren|dejen|cancelen|quiten)",
        ),
        (
            "no_paren",
            "no",
            r"no (?:me )?(?:dej(?:e|en|es) de|par(?:e|en|es)(?: de)?|cancel(?:e|en|es)|quit(?:e|en|"
            r"es)) ?(?:llamar\w*|mandar\w*|enviar\w*|escribir\w*)?",
        ),
    ),
)
