"""What a person says in English who does not want to be contacted, or wants to be contacted again."""

from compliance.rules.revocation.phrase import gap, phrases

_TO_CONTACT = r"(?:call|text|contact|message|email|phone|ring|dm|sms|bother|disturb|solicit|spam|reach out|write|mail|hit me up)"
_CONTACTING = (
    r"(?:calling|texting|contacting|messaging|emailing|phoning|ringing|bothering|harassing|spamming|soliciting|"
    r"pestering|annoying|reaching out|mailing|disturbing|bugging|stalking)"
)
_MESSAGES = (
    r"(?:calls?|texts?|messages?|emails?|mails|sms|spam|notifications?|alerts?|voicemails|solicitations?|"
    r"contact|communications?|correspondence|mensajes|llamadas|textos|correos)"
)
_MINE = (
    r"(?:(?:cell|phone|telephone|mobile|home|work|contact|personal) )?"
    r"(?:number|numbers|name|info|information|phone|cell|email|details|contact|contacts|data|line)"
)
_LIST = r"(?:list|lists|database|databases|system|systems|contacts|records|rolodex|crm|rotation|distribution|file|files)"
_LATER = (
    rf"(?! {gap(3)}(?:before|after|until|till|til|today|tonight|tomorrow|now|yet|during|unless|between|"
    r"while|because|"
    r"this week|this month|this morning|this afternoon|on \w+day|on weekends|in the|at \d+|at night|"
    r"so early|so late)\b)"
)
_INSTEAD = r"(?! , (?:please |just |but )?(?:call|text|email|message|whatsapp|use)\b)"
_AGAIN = r"(?:again|anymore|ever|no more|any longer|further|back)"

# Read before INNOCENT is blanked out: a complaint that we do not stop looks like a wish that we do not.
COMPLAINTS = phrases(
    "en",
    (
        (
            "will_not_stop",
            "stop quit",
            r"(?:you|yall|they|these|guys|people|calls|texts|messages) (?:just |still )?(?:wont|dont|"
            r"never|cant|refuse to) "
            rf"(?:ever |just )?(?:stop|quit) (?:{_CONTACTING}|sending)|if you dont stop\b",
        ),
        (
            "never_signed_up",
            "never didnt not dont",
            rf"(?:i|we) (?:never|didnt) (?:even |ever )?"
            r"(?:agree|agreed|consent|consented|sign up|signed up|subscribe|subscribed|opt in|opted in|"
            r"ask|asked|request|requested|"
            rf"give permission|gave permission|authorize|authorized) (?:to|for|you|in|on)? ?{gap(2)}"
            rf"(?:this|these|any|texts|calls|messages|emails|your|be|call|text|contact)\b",
        ),
    ),
)

REVOKING = phrases(
    "en",
    (
        (
            "stop_contacting",
            "stop quit cease discontinue",
            r"(?:stop|quit|cease|discontinue) (?:all |the |your |fucking |damn |with |"
            rf"w ){{0,6}}{_CONTACTING}\b{_LATER}",
        ),
        (
            "stop_doing_to_me",
            "stop quit cease",
            rf"(?:stop|quit|cease) \w+in[g]? {gap(2)}(?:me|us|here|this number|this (?:crap|shit|garbage|"
            rf"spam|stuff)|these|{_MESSAGES}|"
            rf"my (?:{_MINE}|job|work|house|home|mother|mom|dad|father|wife|husband|family|kids?|son|"
            r"daughter|office|employer))\b",
        ),
        (
            "stop_messages",
            "stop quit end cancel cease discontinue halt",
            r"(?:stop|quit|end|cancel|cease|discontinue|halt) (?:w |with )?(?:(?:all|the|these|those|this|"
            rf"your|my|any|of|los|las|further|text|sms|email|marketing|phone|more) ){{0,6}}"
            rf"(?:{_MESSAGES}|subscription)\b(?! (?:for|on|with|at) )",
        ),
        ("make_it_stop", "stop", r"make (?:it|this|these|them|that|the \w+|all this) (?:all |just )?stop"),
        (
            "when_will_it_stop",
            "stop end",
            r"(?:these|the|your|those) (?:\w+ )?(?:calls|texts|messages|emails) (?:ever |finally |"
            r"need to |have to |must |should |to ){0,6}(?:stop|end)\b",
        ),
        (
            "said_stop",
            "stop quit unsubscribe cancel end",
            r"(?:said|say|texted|replied|replying|sent|typed|wrote|responded|text) (?:back |with |you |"
            r"to |the word ){0,6}(?:stop|quit|unsubscribe|cancel|end)\b"
            r"|(?:told|asked|telling|asking|begged|want|need|wanted|like|wish|would you|could you|can you|"
            r"will you|pls|please|yall|and) (?:you |yall |u |guys |people |them |us |him |her |all |"
            r"folks |this |it |that |nicely |please |need |to |just |kindly ){0,6}"
            r"(?:to )?(?:stop|quit|cease)(?: (?:it|this|that|now|please|already|immediately|thanks|"
            r"thank you|asap|ok|okay|man|bye)){0,6}(?= [|]|$)",
        ),
        (
            "off_the_list",
            "list lists database databases system systems contacts records rolodex crm rotation distribution file files",
            r"(?:off|out) (?:of )?(?:(?:the|this|that|your|any|all|every|whatever|these|those|a|their|"
            rf"our) ){{1,3}}{gap(3)}{_LIST}\b"
            rf"|(?:remov|delet|eras|tak|drop|scratch|pull|strik|get)\w* {gap(5)}from (?:the |this |that |"
            rf"your |any |all |every |whatever |these ){{1,3}}{gap(2)}{_LIST}\b",
        ),
        (
            "be_off_the_list",
            "list lists off",
            r"(?:off|from) (?:the|your|ur|this|that) (?:call |calling |mailing |email |text |"
            r"contact )?lists?\b",
        ),
        (
            "not_on_the_list",
            "list lists database",
            rf"(?:dont|no longer|not|never) (?:want|wish|like|asked|need) {gap(4)}on (?:the|your|this|that|"
            rf"any) {gap(2)}(?:list|lists|database)\b",
        ),
        (
            "take_me_off",
            "take get",
            r"(?:take|get) (?:me|us|him|her|my \w+|this number) off(?= [|,]|$| please| thanks| asap| now)",
        ),
        (
            "remove_me",
            "remove delete erase drop scratch removed deleted removal",
            rf"(?:remove|delete|erase|scratch) (?:me|us|{_MINE}|this (?:phone )?number|that number|(?:my|"
            rf"our|his|her|the) {_MINE})\b"
            rf"(?! from (?:the |this |that |your |my )?{gap(2)}(?:…|(?:schedule|appointment|meeting|order|"
            r"invite|thread|policy|account|cc|calendar|quote)\b))(?! off)"
            r"|(?:to|be|get) (?:be )?(?:removed|deleted)(?= [|,]|$| please| thanks| from (?:the|your|this|"
            r"our|all|any) (?:\w+ )?(?:list|lists|database|system|calls))"
            r"|(?:req|requests|requested|wants|asked for|asking for) (?:\w+ )?removal",
        ),
        (
            "lose_my_number",
            "lose forget ditch erase delete burn",
            r"(?:lose|forget|ditch|burn) (?:my|this|our|the) (?:phone |cell )?(?:number|digits|contact|info)\b",
        ),
        (
            "do_not_contact",
            "dont never not nor no",
            r"(?:dont|never|not|nor) (?:you |yall |please |want you to |even |try to |try and |ever |be |"
            rf"us |to |need to |have to |bother to ){{0,6}}"
            rf"(?:{_TO_CONTACT}|called|texted|contacted|emailed|messaged|bothered|send|calling|texting|"
            r"contacting)(?: to)?"
            r"(?: (?:me|us|him|her|them|here|this number|this phone|this line|my \w+|(?:me |us )?(?:any|"
            rf"more|any more|anymore|your) (?:\w+ ){{0,2}}{_MESSAGES}))?"
            rf"(?: (?:\w+ ){{0,3}}{_AGAIN}\b(?! (?:before|until|till|after))|(?= [|,]|$| please| thanks|"
            r" thank| at this| on this| and (?:dont|please|remove|stop|take|delete)| i | for | ok | okay |"
            rf" bye){_LATER}{_INSTEAD})",
        ),
        (
            "dont_and_me",
            "dont never not",
            rf"(?:dont|never) (?:you |please |ever |even |try to ){{0,6}}(?:{_TO_CONTACT}) (?:me|us|here|"
            r"this number|this phone)\b(?! (?:the|a|an|that|if|when|mr|mrs|ms|sir|"
            rf"about)\b){_LATER}{_INSTEAD}",
        ),
        (
            "no_more",
            "no zero without enough",
            r"(?:no|zero|wants no|want no) (?:more|further|additional|"
            rf"future) (?:\w+ ){{0,2}}{_MESSAGES}\b|enough (?:already|with (?:the|your|these|all) )",
        ),
        (
            "do_not_want",
            "dont doesnt no not didnt never",
            r"(?:dont|doesnt|no longer|didnt|never|not to|do not) (?:\w+ly )?(?:want|wants|wish|wishes|"
            rf"like|care|wanna|need|interested in)(?: to)? (?!miss|lose|stop|skip){gap(4)}"
            r"(?:calls|texts|messages|emails|spam|sms|contacted|called|texted|emailed|bothered|hear from|"
            r"hearing from|receive (?:this|these|those|any|them)|receiving (?:this|these|any)|"
            rf"your (?:calls?|texts?|stuff))\b{_LATER}",
        ),
        (
            "cease",
            "cease",
            r"cease and desist|cease (?:all |any |further ){0,6}(?:contact|communications?|calls|messages|"
            r"texts)",
        ),
        (
            "leave_me_alone",
            "leave",
            rf"leave (?:me|us|him|her|them|my \w+|this number) {gap(3)}alone\b|leave (?:me|us) be\b",
        ),
        (
            "go_away",
            "go buzz get kick take",
            r"(?:go away|get lost|buzz off|kick rocks|go to hell|get bent|take a hike)(?= [|,]|$| please| and)",
        ),
        (
            "abuse",
            "fuck f fuk f* f** f*** f**k fu fck piss bug screw sod eff stfu gtfo buzz",
            r"(?:fuck|fuk|fck|f|fu|f\*+k?|eff|piss|bug|sod|screw|buzz) (?:off|yourself|yourselves|yall|"
            r"this company)\b|(?<!the )(?<!what )(?:fuck|fuk|fck|f\*+k?|screw) you\b(?! are)|stfu\b|gtfo\b",
        ),
        (
            "unsubscribe",
            "unsubscribe unsubscribed unsubscribing",
            r"(?:please|want to|like to|how do i|how can i|how to|how do we|wish to|need to|let me|"
            r"can you|could you|trying to|tried to|me|kindly|to be|already|ive|have|just|"
            r"immediately) (?:be )?unsubscribed?\b(?! from (?!this\b|these\b|all\b|everything\b|any\b|"
            r"your (?:\w+ )?(?:texts|emails|messages|list|lists|calls|sms)\b|the (?:list|texts|emails)\b))"
            r"|unsubscribe (?:me|us|now|my|this|all|immediately|please|link|button|from (?:this|these|all|"
            r"everything|any|the list|your (?:\w+ )?(?:texts|emails|messages|list|lists|calls|sms)))\b",
        ),
        (
            "opt_out",
            "opt opted opting",
            r"(?:opt|opting|opted) (?:me|us|him|her|this number) out\b"
            r"|(?:please|want to|like to|how do i|how can i|wish to|need to|wants to|choose to|to|i|im|we|"
            r"just|already|ive|can i|have) (?:opt|opted|opting) out\b(?= [|,]|$| of (?:this|these|all|any|"
            r"your|everything|texts|calls|sms|messages|receiving|future|further)| last| yesterday|"
            r" already| twice| and | but | please| now| from | weeks| months| days| \w+ (?:times|weeks|"
            r"days|months))",
        ),
        (
            "revoke_consent",
            "consent permission authorization",
            r"(?:revoke|revoking|withdraw|withdrawing|rescind|rescinding|take back|retract|"
            rf"remove) {gap(3)}(?:consent|permission|authorization)\b"
            rf"|(?:dont|do not|no longer|never) (?:have|had|give|gave|given|consent) {gap(3)}(?:consent|"
            r"permission|authorization)\b|without my (?:consent|permission)\b",
        ),
        (
            "put_on_dnc",
            "dnc dont",
            r"(?:put|add|place|placed|added|adding|marked?|request\w*|wants?|req|asked for|goes|needs|im|"
            r"am|is|are|been|be|flag\w*|set) (?:[^ |,]+ ){0,5}(?:dnc|dont (?:call|contact|text))(?= [|,]|"
            r"$| please| and | per | why| thanks| list| since| , )",
        ),
        (
            "if_you_contact_again",
            "if",
            rf"if (?:you|yall|i) (?:\w+ ){{0,3}}(?:{_TO_CONTACT}|get|receive)(?: me| us| here|"
            rf" this number)? (?:\w+ ){{0,2}}(?:again|one more|once more|another)\b(?! (?:after|before|ask|"
            r"please ask))",
        ),
        (
            "legal_threat",
            "sue suing court tcpa lawsuit lawyer attorney legal desist statutory",
            r"tcpa\b|(?:ill|will|gonna|going to|can|could|may|might|or i|be|to) (?:be )?(?:sue|"
            r"suing)(?: (?:you|your|yall|this company|for|all)\b|(?= [|,]|$))|see you in (?:\w+ )?court|"
            r"(?:file|filing|face|get) (?:a |the )?lawsuit"
            r"|(?:hear|hearing) from (?:my|our) (?:lawyer|attorney)|(?:my|our) (?:lawyer|"
            r"attorney) (?:will|is going to) (?:be in touch|be contacting|be calling|contact you|sue)|"
            r"(?:take|taking|pursue|pursuing) (?:\w+ )?legal action",
        ),
        (
            "report_threat",
            "report reporting reported ftc fcc bbb police cops harassment spam complaint complain complaining harassing calling",
            r"(?:ill|will|gonna|going to|im|am|been|being|have|be|and|or|i|just|"
            r"already) (?:be )?(?:report|reporting|reported)(?: (?:you|yall|this|it|your|them|to|as)\b|"
            r"(?= [|,]|$))(?!(?: the| an?| my)? (?:issue|problem|leak|outage))"
            r"|(?:reporting|report|reported) (?:\w+ ){0,4}(?:ftc|fcc|attorney general|spam|bbb|police|"
            r"harassment|authorities|better business)\b(?! folder)"
            r"|(?:complaint|complain|complaining) (?:\w+ ){0,3}(?:ftc|fcc|attorney general|bbb)\b"
            r"|(?:calling|contacting|call|contact) the (?:police|cops|ftc|fcc)\b|"
            r"this is (?:\w+ )?harassment|(?:you are|youre|is) harassing|reported (?:and|&) blocked|"
            r"blocked (?:and|&) reported",
        ),
    ),
)

RESUBSCRIBING = phrases(
    "en",
    (
        (
            "start_again",
            "start resume begin",
            r"(?:start|resume|begin) (?:texting|calling|sending|messaging|emailing) (?:me|us)\b",
        ),
        (
            "opt_in_again",
            "opt subscribe resubscribe",
            r"opt (?:me |us )?(?:back )?in\b|(?:resubscribe|re subscribe|subscribe) me\b",
        ),
        (
            "sign_me_up_again",
            "sign add put",
            r"(?:sign|add|put) (?:me|us) (?:up |back )(?:[^ |,]+ ){0,4}(?:again|in|on|please)\b|add me back\b",
        ),
    ),
)
