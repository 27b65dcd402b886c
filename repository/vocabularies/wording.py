"""Our own words in the generated vocabularies: Czech names that the sources lack, descriptions of licences."""

LANGUAGES_CS = {
    "ang": "Stará angličtina",
    "chu": "Církevní slovanština",
    "div": "Maledivština",
    "ell": "Řečtina",
    "fry": "Západní fríština",
    "gla": "Skotská gaelština",
    "glg": "Galicijština",
    "grc": "Starořečtina",
    "gsw": "Švýcarská němčina",
    "hat": "Haitská kreolština",
    "hau": "Hauština",
    "hbs": "Srbochorvatština",
    "iii": "Sečuánská iština",
    "ile": "Interlingue",
    "kal": "Grónština",
    "khm": "Khmerština",
    "kik": "Kikujština",
    "kua": "Kuaňamština",
    "lim": "Limburština",
    "ltz": "Lucemburština",
    "mah": "Maršálština",
    "mis": "Jazyk bez kódu",
    "msa": "Malajština (makrojazyk)",
    "mul": "Více jazyků",
    "nav": "Navažština",
    "nbl": "Jižní ndebelština",
    "nde": "Severní ndebelština",
    "nep": "Nepálština (makrojazyk)",
    "nno": "Norština (nynorsk)",
    "nob": "Norština (bokmål)",
    "nya": "Čičevština",
    "oci": "Okcitánština",
    "ori": "Urijština (makrojazyk)",
    "oss": "Osetština",
    "pan": "Paňdžábština",
    "roh": "Rétorománština",
    "sin": "Sinhálština",
    "sme": "Severní sámština",
    "sna": "Šonština",
    "sot": "Sesothština",
    "swa": "Svahilština (makrojazyk)",
    "tgl": "Tagalog",
    "tso": "Tsonga",
    "twi": "Twi",
    "und": "Neurčený jazyk",
    "wol": "Wolofština",
    "xho": "Xhoština",
    "yor": "Jorubština",
    "zha": "Čuangština",
    "zul": "Zuluština",
    "zxx": "Bez jazykového obsahu",
}
"""Czech names by ISO 639-3 code, in addition to those of iso-codes, and instead of them."""

CREATIVE_COMMONS_CS = {
    "by": "Uveďte původ",
    "nc": "Neužívejte komerčně",
    "nd": "Nezpracovávejte",
    "sa": "Zachovejte licenci",
}
"""Czech names of the conditions, as the Czech versions of the licences call them."""

CREATIVE_COMMONS_PLACES_CS = {"": "", "at": " Rakousko", "igo": " IGO", "uk": " Anglie a Wales", "us": " Spojené státy"}

LICENSE_TITLES_CS = {
    "cc0-1.0": "Creative Commons Zero 1.0 – vzdání se práv",
    "cc-pdm-1.0": "Creative Commons Public Domain Mark 1.0 – označení volného díla",
    "mit": "Licence MIT",
    "apache-2.0": "Licence Apache 2.0",
    "gpl-3.0-or-later": "GNU General Public License 3.0 nebo novější",
}

LICENSE_DESCRIPTIONS = {
    "apache-2.0": {
        "en": "Use, change and pass on freely, in closed products too. Keep the notices, say what you changed. "
        "Contributors grant their patents.",
        "cs": "Volné užití, úpravy i šíření, také v uzavřených produktech. Zachovejte upozornění a uveďte, co jste "
        "změnili. Přispěvatelé poskytují licenci i ke svým patentům.",
    },
    "cc-by-4.0": {
        "en": "Anybody may share and adapt the work for any purpose, as long as the authors are credited.",
        "cs": "Dílo smí kdokoli šířit a upravovat k jakémukoli účelu, pokud uvede autory.",
    },
    "cc-by-sa-4.0": {
        "en": "Anybody may share and adapt the work if the authors are credited and adaptations keep this licence.",
        "cs": "Dílo smí kdokoli šířit a upravovat, pokud uvede autory a úpravy zveřejní pod stejnou licencí.",
    },
    "cc0-1.0": {
        "en": "The authors give up their rights as far as the law allows: no conditions at all. Well suited to data.",
        "cs": "Autoři se svých práv vzdávají, pokud to zákon dovoluje: bez jakýchkoli podmínek. Vhodné pro data.",
    },
    "gpl-3.0-or-later": {
        "en": "Use, change and pass on freely; programs that build on it must offer their source under the same terms.",
        "cs": "Volné užití, úpravy i šíření; programy, které z díla vycházejí, však musí nabídnout zdrojový kód za "
        "stejných podmínek.",
    },
    "mit": {
        "en": "Use, change and pass on freely; the only condition is to keep the copyright notice.",
        "cs": "Volné užití, úpravy i šíření; jedinou podmínkou je zachovat údaj o autorství.",
    },
}
