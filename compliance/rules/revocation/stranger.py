"""What somebody says who is not the person sought (FED-030): in English, and by a name in either language."""

import re

from compliance.rules.revocation.phrase import phrases

_PARTY = r"(?:number|no|#|person|guy|lady|party|man|girl|woman|dude|one|contact|phone|house|household)"
WRONG = phrases(
    "en",
    (
        (
            "wrong_number",
            "wrong",
            r"(?<!typed the )(?<!gave you the )(?<!gave you a )(?<!entered the )(?<!wrote "
            r"the )(?<!put the )(?<!typed a )(?<!is this the )wrong (?:phone |cell |"
            rf"telephone )?{_PARTY}\b(?! (?:for|in|on|of) )",
        ),
        (
            "nobody_of_that_name",
            "name named nobody noone",
            r"by (?:that|this) name\b|(?:nobody|noone|no one|no person|anyone|anybody) (?:here |"
            r"is )?(?:named|with that name)\b|not my name\b",
        ),
        (
            "not_here_anymore",
            "here number",
            r"(?:doesnt|no longer) (?:live|lives|work|works|stay|stays)(?: at)? here(?: anymore)?(?= [|,]|"
            r"$| so | sorry)"
            r"|(?:no longer|not) (?:at|has|have|uses|using|reachable at) this (?:phone )?number|"
            r"number (?:no longer|doesnt) belongs? to|isnt \w+ (?:number|phone)(?: anymore)?\b|"
            r"isnt (?:that|this) person",
        ),
        (
            "my_number_now",
            "number phone owner",
            r"(?:this is|its) my (?:number|phone) now|(?:had|have|having) this (?:phone )?number (?:for|"
            r"since)|new (?:phone )?owner\b|just got this (?:phone )?number|reached (?:someone|"
            r"somebody) else",
        ),
        ("reached_someone_else", "reached", r"reached (?:someone|somebody) else|reached (?:the )?wrong"),
        (
            "never_heard_of",
            "know",
            r"dont know (?:any|anyone named|anybody named|a) \w+(?= [|,]|$)(?<!any more)(?<!any other)",
        ),
    ),
)

# Names tell themselves by their capital letter only, so these are read from the text as it was written.
_NAME = r"[A-ZÁÉÍÓÚÑ][a-záéíóúñ]{1,20}"
BY_NAME = re.compile(
    r"\b(?:(?:This|this|That|that) (?:is not|isn['’]?t|ain['’]t)|(?:I['’]?m|I am|i['’]?m) not|"
    rf"[Nn]o soy) {_NAME}(?=['’]s (?:number|phone|cell)|\s*(?:[.,!?\n]|$))"
    rf"|\b(?:[Tt]here['’]?s|[Tt]here is|[Nn]o hay) (?:no|ningún|ninguna?) {_NAME} (?:here|at this|aquí|en este)"
    rf"|\b(?:[Nn]ot|isn['’]t) {_NAME}['’]s (?:number|phone|cell)"
)
