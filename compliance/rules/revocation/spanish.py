"""What a person says in Spanish who does not want to be contacted, or is not the person sought; accents are gone by then."""

from compliance.rules.revocation.phrase import gap, phrases

_LLAMAR = (
    r"(?:llam(?:e|es|en|ar|arme|ando)|mand(?:e|es|en|ar|arme|ando)|envi(?:e|es|en|ar|arme|ando)|"
    r"contact(?:e|es|en|ar|arme|ando)|"
    r"escrib(?:a|as|an|ir|irme|iendo)|molest(?:e|es|en|ar|arme|ando)|marqu(?:e|es|en)|marc(?:ar|arme|"
    r"ando)|textee[ns]?|"
    r"busqu(?:e|es|en)|hable[ns]?|fastidi(?:e|en|ar)|insist(?:a|an|ir))(?:me|nos|lo|la|le)?"
)
_LUEGO = (
    rf"(?! {gap(3)}(?:hoy|ahora|ahorita|antes|despues|hasta|manana|todavia|aun|mientras|durante|por la|"
    r"a las|el lunes|el martes|"
    r"el miercoles|el jueves|el viernes|esta semana|esta tarde|esta noche|tan temprano|tan tarde)\b)"
)
_QUITAR = (
    r"(?:quit(?:e|en|a|ar|eme|enme|ame|arme|enos|ennos|elo|enlo)|saqu(?:e|en|eme|enme|enos)|sac(?:ar|arme|ame)|"
    r"borr(?:e|en|a|ar|eme|enme|ame|arme|enos)|elimin(?:e|en|a|ar|eme|enme|ame|arme|enos)|remuev(?:a|an|"
    r"ame|anme)|retir(?:e|en|eme|enme)|tach(?:e|en|eme|enme))"
)

REVOKING = phrases(
    "es",
    (
        (
            "no_contactar",
            "no nunca jamas",
            r"(?:no|nunca|jamas) (?:mas )?(?:me |nos |lo |la |los |las |le |les |"
            rf"se )?{_LLAMAR}\b(?:(?! (?:el|la|un|una) )(?: [^ |,]+){{0,4}} (?:mas|nunca|otra vez|jamas|"
            rf"de nuevo)\b|(?! (?:el|la|un|una|mi) ){_LUEGO})",
        ),
        ("no_vuelvan", "no nunca", r"(?:no|nunca) (?:me |nos |se )?v(?:uelv|olv)\w+ a "),
        (
            "no_quiero",
            "no",
            r"no (?:quiero|queremos|quiere|deseo|deseamos|desea) (?:que )?(?:me |nos |lo |la )?(?:sigan |"
            rf"vuelvan a |sigan )?(?:recibir|recibiendo|{_LLAMAR}|mas (?:mensajes|llamadas|textos|correos)|"
            r"sus (?:mensajes|llamadas|textos)|(?:ninguna|ningun|estos|estas|tantas|"
            rf"tantos) (?:\w+ )?(?:mensaje|mensajes|llamada|llamadas))\b{_LUEGO}",
        ),
        (
            "no_mas",
            "no basta suficiente",
            r"no mas (?:mensajes|llamadas|textos|correos|spam|propaganda)|(?:ya )?basta (?:ya )?(?:de |"
            r"con (?:los|las|sus|estos|estas) )|ya basta",
        ),
        (
            "dejen_de",
            "dejen deje deja dejar paren pare para parar dejenme deje dejame",
            r"(?:dejen|deje|deja|dejar|paren|pare|para|parar|dejenme|dejeme) (?:ya )?(?:de |con (?:los|"
            r"las|sus|estos|estas) )(?:llamar|mandar|enviar|molestar|escribir|marcar|contactar|textear|"
            r"insistir|fastidiar|mensajes|llamadas)\w*",
        ),
        (
            "quitar",
            "lista listas base numero sistema registro registros datos contacto",
            rf"{_QUITAR} (?:mi |mis |este |el |nuestro |de |a ){{0,6}}(?:numero|telefono|datos|nombre|"
            r"contacto|celular)\b"
            rf"|{_QUITAR} (?:[^ |,]+ ){{0,4}}(?:lista|listas|base|sistema|registro|registros|numero)\b",
        ),
        (
            "quitenme",
            "quitenme quiteme saquenme saqueme borrenme borreme eliminenme elimineme quitame sacame borrame",
            r"(?:quitenme|saquenme|saqueme|borrenme|borreme|eliminenme|elimineme)\b(?= [|,]|$| please| de )",
        ),
        (
            "baja",
            "baja",
            r"(?:dar|darme|denme|deme|dame|darnos|dennos|den|darse|dense) (?:me |nos )?de baja|"
            r"(?:solicito|pido|quiero|deseo) (?:la |mi )baja",
        ),
        ("en_paz", "paz", r"dej\w+ (?:\w+ ){0,2}en paz"),
        (
            "demandar",
            "demandar demandare demanda demandarlos denunciar denunciare denunciarlos reportar reportare reportarlos abogado policia",
            r"(?:voy a|vamos a|los|las|te|les) (?:\w+ )?(?:a )?(?:demandar|denunciar|reportar)\w*|"
            r"(?:demandare|denunciare|reportare)\b|(?:hablar|comunicar\w*|hablando) con mi abogado|"
            r"llam\w+ a la policia",
        ),
        (
            "consentimiento",
            "consentimiento permiso autorizacion",
            r"(?:revoco|retiro|cancelo|quito) (?:\w+ ){0,2}(?:consentimiento|permiso|autorizacion)",
        ),
        ("desuscribir", "desuscribir desuscribirme desuscribanme desuscribame", r"desuscrib\w+"),
    ),
)

WRONG = phrases(
    "es",
    (
        (
            "numero_equivocado",
            "numero persona",
            r"(?:numero|persona) (?:equivocad[oa]|incorrect[oa]|errad[oa])\b",
        ),
        (
            "se_equivoco",
            "equivoco equivocado equivocada equivocaste equivocaron equivocados",
            r"(?:se|te) equivoc\w+(?: de (?:numero|persona|telefono))?|(?:(?<=^ )|(?<=[|,] ))(?:usted |"
            r"creo que )?(?:esta|estas|estan) equivocad\w+",
        ),
        (
            "aqui_no_vive",
            "vive nombre trabaja",
            r"(?:aqui|aca) (?:ya )?no (?:vive|trabaja)|ya no (?:vive|trabaja) (?:aqui|aca)|nadie (?:con|"
            r"de) ese nombre|no (?:es|tiene) (?:mi|ese) nombre",
        ),
        (
            "no_soy_esa_persona",
            "soy conozco",
            r"no soy (?:esa|la) persona|no conozco a (?:ese|esa|ningun|ninguna|nadie)\b",
        ),
    ),
)
