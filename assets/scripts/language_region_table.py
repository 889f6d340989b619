"""Languages below the country level: where a language of few in a country is the one on the signs. Judgement, reviewed.

Each row names a region, where it is, and how often a language is seen there beside the country where it is seen most, as
``engine.evidence.countries_seen`` counts it; what is not listed is as in the rest of the country. Shares are blunt: 0.9
where the language leads, 0.5 where signs have two, 0.2 where some are in it, 0.05 where one meets it. The last column
says why. An area is a list of GeoNames' first-level codes or of circles (latitude, longitude, km).
"""

from typing import NamedTuple

# ruff: noqa: E501
# fmt: off

Circle = tuple[float, float, float]


class Region(NamedTuple):
    """One row."""

    label: str
    title: str
    country: str
    admin1: tuple[str, ...]
    circles: tuple[Circle, ...]
    languages: dict[str, float]
    reason: str


def _by_code(label: str, title: str, country: str, codes: str, languages: dict[str, float], reason: str) -> Region:
    return Region(label, title, country, tuple(codes.split()), (), languages, reason)


def _near(label: str, title: str, country: str, circles: tuple[Circle, ...], languages: dict[str, float], reason: str) -> Region:
    return Region(label, title, country, (), circles, languages, reason)


REGIONS = (
    # western and central Europe
    _near("fr_alsace", "Alsace and Moselle", "FR", ((48.9, 7.55, 45), (48.55, 7.55, 40), (48.1, 7.3, 40), (47.7, 7.3, 35), (49.2, 6.9, 30)), {"de": 0.2, "gsw": 0.3}, "German and Alsatian on street signs, shops and menus; German until 1918"),
    _near("fr_brittany", "Lower Brittany", "FR", ((48.3, -4.0, 75), (47.85, -3.2, 50)), {"br": 0.4}, "road signs in French and Breton"),
    _near("fr_corsica", "Corsica", "FR", ((42.15, 9.1, 110),), {"co": 0.5, "it": 0.1}, "road signs in French and Corsican"),
    _near("fr_basque", "French Basque Country", "FR", ((43.3, -1.2, 45),), {"eu": 0.4}, "road signs in French and Basque"),
    _near("fr_roussillon", "Roussillon", "FR", ((42.6, 2.6, 50),), {"ca": 0.3}, "road signs in French and Catalan"),
    _by_code("it_trentino", "Trentino", "IT", "17", {"de": 0.1}, "a few German and Ladin valleys; the north of the region follows"),
    _near("it_bolzano", "South Tyrol", "IT", ((46.75, 11.35, 38), (46.68, 10.75, 30), (46.8, 11.95, 35)), {"de": 1.0, "it": 0.8}, "seven in ten speak German; every sign has both"),
    _by_code("it_aosta", "Aosta Valley", "IT", "19", {"fr": 0.5, "it": 1.0}, "French is co-official, signs have both"),
    _near("it_slovene", "Trieste and Gorizia", "IT", ((45.68, 13.8, 20), (45.95, 13.6, 15)), {"sl": 0.3}, "Slovene is protected, villages have signs in both"),
    _by_code("be_flanders", "Flanders", "BE", "VLG", {"nl": 1.0, "fr": 0.1, "de": 0.03}, "Dutch alone is official"),
    _by_code("be_wallonia", "Wallonia", "BE", "WAL", {"fr": 1.0, "nl": 0.05, "de": 0.05}, "French alone is official"),
    _by_code("be_brussels", "Brussels", "BE", "BRU", {"fr": 1.0, "nl": 0.8, "de": 0.15}, "every sign has French and Dutch, those of the federation and the Union German too"),
    _near("be_eupen", "East Belgium", "BE", ((50.65, 6.08, 12), (50.3, 6.15, 18)), {"de": 0.9, "fr": 0.5, "nl": 0.05}, "German is official"),
    _by_code("ch_french", "Western Switzerland", "CH", "GE VD NE JU", {"fr": 1.0, "de": 0.1, "it": 0.05, "gsw": 0.02}, "French alone is official"),
    _by_code("ch_bilingual", "Fribourg and Valais", "CH", "FR VS", {"fr": 0.9, "de": 0.6, "it": 0.05}, "both are official, French leads"),
    _by_code("ch_ticino", "Ticino", "CH", "TI", {"it": 1.0, "de": 0.15, "fr": 0.05, "gsw": 0.02}, "Italian alone is official"),
    _by_code("ch_grisons", "Grisons", "CH", "GR", {"de": 0.9, "rm": 0.5, "it": 0.3}, "three official languages"),
    _by_code("at_carinthia", "Carinthia", "AT", "02", {"sl": 0.15}, "villages in the south have signs in Slovene too"),
    _by_code("at_burgenland", "Burgenland", "AT", "01", {"hr": 0.15, "hu": 0.1}, "villages have signs in Croatian or Hungarian too"),
    _near("de_lusatia", "Lusatia", "DE", ((51.3, 14.35, 35), (51.75, 14.35, 30)), {"hsb": 0.5, "dsb": 0.4}, "town and street signs have Sorbian too"),
    _near("de_schleswig", "South Schleswig", "DE", ((54.75, 9.3, 45),), {"da": 0.15}, "Danish schools and churches; a border trade"),
    _near("dk_north_schleswig", "North Schleswig", "DK", ((55.0, 9.2, 40),), {"de": 0.15}, "a German minority and the border trade"),
    _near("nl_friesland", "Friesland", "NL", ((53.1, 5.8, 45),), {"fy": 0.7, "nl": 1.0}, "place names are in Frisian"),
    _near("pl_opole", "Opole Silesia", "PL", ((50.6, 18.0, 45),), {"de": 0.15}, "villages have signs in German too"),
    _near("pl_kashubia", "Kashubia", "PL", ((54.3, 18.0, 45),), {"csb": 0.3}, "villages have signs in Kashubian too"),
    _near("si_coast", "Slovene Istria", "SI", ((45.53, 13.65, 15),), {"it": 0.6, "sl": 1.0}, "Italian is co-official"),
    _near("hr_istria", "Istria", "HR", ((45.2, 13.75, 40),), {"it": 0.5}, "Italian is co-official"),
    _near("sk_south", "Southern Slovakia", "SK", ((47.95, 17.9, 45), (48.25, 19.6, 45), (48.45, 21.7, 35)), {"hu": 0.4}, "villages have signs in Hungarian too"),
    _by_code("ro_szekely", "Szekely Land", "RO", "15 20", {"hu": 0.9, "ro": 0.9}, "three in four speak Hungarian"),
    _by_code("ro_mures", "Mures, Cluj, Bihor and Satu Mare", "RO", "27 13 05 32 31", {"hu": 0.4}, "a fifth to two fifths speak Hungarian"),
    _by_code("ro_saxon", "Sibiu, Brasov and Timis", "RO", "33 09 36", {"de": 0.15, "hu": 0.1}, "German town signs remain"),
    _near("rs_vojvodina", "Northern Vojvodina", "RS", ((45.9, 19.8, 50),), {"hu": 0.6}, "Hungarian is co-official"),
    _near("rs_presevo", "Presevo Valley", "RS", ((42.35, 21.7, 25),), {"sq": 0.8}, "Albanian is spoken by most"),
    _near("mk_west", "Western North Macedonia", "MK", ((41.9, 20.9, 40), (41.5, 20.6, 25), (42.1, 21.5, 25)), {"sq": 0.7}, "Albanian is spoken by most"),
    _near("me_ulcinj", "Ulcinj", "ME", ((41.95, 19.25, 15),), {"sq": 0.7}, "Albanian is spoken by most"),
    _near("xk_north", "North Kosovo", "XK", ((43.0, 20.75, 22),), {"sr": 0.95}, "Serbian is spoken by most"),
    _near("cy_north", "Northern Cyprus", "CY", ((35.3, 33.0, 25), (35.3, 33.45, 28), (35.3, 33.9, 25), (35.5, 34.3, 30), (35.2, 33.75, 12)), {"tr": 1.0, "el": 0.1}, "Turkish alone is official there"),
    _by_code("bg_turkish", "Kardzhali, Razgrad, Targovishte", "BG", "44 52 60", {"tr": 0.3}, "a third to two thirds speak Turkish"),
    _by_code("gr_thrace", "Western Thrace", "GR", "ESYE11", {"tr": 0.1}, "a Turkish-speaking minority"),
    # Iberia, British Isles, the North
    _by_code("es_catalonia", "Catalonia", "ES", "56", {"ca": 1.0, "es": 0.8}, "signs are in Catalan first"),
    _by_code("es_balearic", "Balearic Islands", "ES", "07", {"ca": 0.8, "de": 0.1}, "Catalan is co-official"),
    _by_code("es_valencia", "Valencian Community", "ES", "60", {"ca": 0.6}, "Valencian is co-official"),
    _by_code("es_basque", "Basque Country", "ES", "59", {"eu": 0.8}, "every sign has both"),
    _by_code("es_navarre", "Navarre", "ES", "32", {"eu": 0.4}, "Basque is co-official in the north"),
    _by_code("es_galicia", "Galicia", "ES", "58", {"gl": 0.9}, "signs are in Galician first"),
    _by_code("es_asturias", "Asturias", "ES", "34", {"ast": 0.4}, "place names have both"),
    _by_code("gb_wales", "Wales", "GB", "WLS", {"cy": 0.9}, "every sign has both"),
    _near("gb_gaelic", "Highlands and Hebrides", "GB", ((57.4, -5.2, 90), (57.8, -6.9, 90)), {"gd": 0.5}, "road signs have both"),
    _by_code("gb_ulster", "Northern Ireland", "GB", "NIR", {"ga": 0.1}, "some streets have Irish too"),
    _near("fi_swedish", "Swedish coast of Finland", "FI", ((63.2, 21.8, 50), (62.4, 21.3, 30), (60.2, 22.5, 60), (60.0, 23.4, 40), (60.4, 26.2, 30)), {"sv": 0.7}, "signs in both, Swedish first in places"),
    _by_code("fi_helsinki", "Uusimaa", "FI", "01", {"sv": 0.6}, "street signs have both"),
    _near("se_tornedalen", "Tornedalen", "SE", ((66.5, 23.6, 60), (67.5, 22.0, 80)), {"fi": 0.2, "se": 0.1}, "Meänkieli and Finnish are spoken"),
    _near("no_finnmark", "Inner Finnmark", "NO", ((69.3, 24.5, 100), (70.1, 28.0, 60)), {"se": 0.5}, "signs have Sami too"),
    # eastern Europe and northern Asia
    _near("ee_narva", "Ida-Viru", "EE", ((59.35, 27.6, 55),), {"ru": 0.7}, "four in five speak Russian"),
    _near("lv_riga", "Riga and Daugavpils", "LV", ((56.95, 24.1, 20), (55.88, 26.5, 30)), {"ru": 0.4}, "half speak Russian"),
    _near("lt_vilnius", "Vilnius district", "LT", ((54.6, 25.2, 40),), {"pl": 0.2, "ru": 0.2}, "Polish and Russian minorities"),
    _near("md_transnistria", "Transnistria", "MD", ((46.85, 29.6, 20), (47.4, 29.1, 20), (47.8, 28.95, 20), (47.1, 29.4, 20)), {"ru": 1.0, "ro": 0.3, "uk": 0.2}, "Russian leads there"),
    _by_code("md_gagauzia", "Gagauzia", "MD", "51", {"ru": 0.8, "gag": 0.4}, "Russian and Gagauz are official"),
    _by_code("ua_crimea", "Crimea", "UA", "11 20", {"ru": 1.0, "uk": 0.2}, "Russian leads on signs"),
    _by_code("ua_east", "Eastern and southern Ukraine", "UA", "04 05 07 08 14 16 17 26", {"ru": 0.6}, "Russian was on most signs until 2022"),
    _by_code("ua_transcarpathia", "Transcarpathia", "UA", "25", {"hu": 0.3}, "villages have signs in Hungarian too"),
    _by_code("ua_bukovina", "Bukovina", "UA", "03", {"ro": 0.2}, "a Romanian-speaking minority"),
    _by_code("ru_tatarstan", "Tatarstan", "RU", "73", {"tt": 0.6}, "street signs have both"),
    _by_code("ru_bashkortostan", "Bashkortostan", "RU", "08", {"ba": 0.5, "tt": 0.2}, "street signs have both"),
    _by_code("ru_udmurtia", "Udmurtia", "RU", "80", {"udm": 0.3}, "signs have both"),
    _by_code("ru_chechnya", "Chechnya", "RU", "12", {"ce": 0.4}, "signs have both"),
    _by_code("ru_ingushetia", "Ingushetia", "RU", "19", {"inh": 0.3}, "signs have both"),
    _by_code("ru_ossetia", "North Ossetia", "RU", "68", {"os": 0.4}, "signs have both"),
    _by_code("ru_kabardino", "Kabardino-Balkaria", "RU", "22", {"kbd": 0.3, "krc": 0.2}, "signs have more than Russian"),
    _by_code("ru_tuva", "Tuva", "RU", "79", {"tyv": 0.5}, "signs have both"),
    _by_code("ru_yakutia", "Yakutia", "RU", "63", {"sah": 0.5}, "signs have both"),
    _by_code("ru_komi", "Komi", "RU", "34", {"kv": 0.3}, "signs have both"),
    _near("ge_abkhazia", "Abkhazia and South Ossetia", "GE", ((43.1, 41.0, 70), (42.3, 44.0, 35)), {"ru": 0.9, "ab": 0.4, "os": 0.3, "ka": 0.2}, "Russian leads on signs"),
    _by_code("kz_north", "Northern Kazakhstan", "KZ", "03 05 11 12 13 15 16", {"ru": 0.9}, "Russian on most signs"),
    _by_code("uz_karakalpakstan", "Karakalpakstan", "UZ", "09", {"kk": 0.3, "ru": 0.3}, "Karakalpak is close to Kazakh in writing"),
    # the Middle East and North Africa
    _by_code("tr_southeast", "South-eastern Turkey", "TR", "21 72 76 80 70 65 74 49 13 12 62 04", {"ku": 0.2}, "Kurdish is spoken by most, seen on some signs"),
    _by_code("tr_hatay", "Hatay, Sanliurfa, Mardin", "TR", "31 63 90", {"ar": 0.2}, "Arabic is spoken; shops of Syrians"),
    _near("tr_tourism", "Turkish Riviera", "TR", ((36.9, 30.7, 60), (36.6, 31.8, 40)), {"de": 0.1, "ru": 0.2}, "shops for tourists"),
    _by_code("iq_kurdistan", "Kurdistan Region", "IQ", "05 08 11 19", {"ckb": 1.0, "ku": 1.0, "ar": 0.4}, "Kurdish leads on signs"),
    _by_code("ir_kurdistan", "Iranian Kurdistan", "IR", "16 13 10", {"ckb": 0.2, "ku": 0.2}, "Kurdish is spoken by most"),
    _by_code("ir_azerbaijan", "Iranian Azerbaijan", "IR", "01 33 32 36", {"az": 0.15}, "Azerbaijani is spoken by most"),
    _by_code("ir_khuzestan", "Khuzestan", "IR", "15", {"ar": 0.2}, "an Arabic-speaking minority"),
    _near("il_arab", "Arab towns of Israel and East Jerusalem", "IL", ((32.8, 35.3, 20), (32.95, 35.2, 15), (32.5, 35.05, 15), (31.78, 35.24, 6), (31.3, 34.9, 20)), {"ar": 0.8}, "signs are in Arabic first"),
    _by_code("dz_kabylia", "Kabylia", "DZ", "14 18 21", {"kab": 0.6, "fr": 0.6}, "signs in Kabyle, French and Arabic"),
    # sub-Saharan Africa
    _by_code("cm_english", "North West and South West Cameroon", "CM", "07 09", {"en": 1.0, "fr": 0.3}, "English is the official language there"),
    _by_code("cm_french", "French-speaking Cameroon", "CM", "04 05 08 10 11 12 13 14", {"fr": 1.0, "en": 0.3}, "French leads"),
    _by_code("za_cape", "Western and Northern Cape", "ZA", "08 11", {"af": 0.6, "xh": 0.2}, "Afrikaans is spoken by most"),
    _by_code("za_natal", "KwaZulu-Natal", "ZA", "02", {"zu": 0.5}, "Zulu is spoken by most"),
    _by_code("za_east_cape", "Eastern Cape", "ZA", "05", {"xh": 0.5, "af": 0.2}, "Xhosa is spoken by most"),
    _by_code("ng_north", "Northern Nigeria", "NG", "23 24 29 44 46 51 40 57 27", {"ha": 0.5}, "Hausa is spoken by most"),
    _by_code("ng_west", "South-western Nigeria", "NG", "05 16 32 42 48 54", {"yo": 0.3}, "Yoruba is spoken by most"),
    _by_code("ng_east", "South-eastern Nigeria", "NG", "25 28 45 47 53", {"ig": 0.3}, "Igbo is spoken by most"),
    # South Asia: states were drawn along languages, and signs follow them
    _by_code("in_tamil", "Tamil Nadu and Puducherry", "IN", "25 22", {"ta": 1.0, "hi": 0.05}, "language of the state"),
    _by_code("in_kerala", "Kerala and Lakshadweep", "IN", "13 14", {"ml": 1.0, "hi": 0.05, "ta": 0.1}, "language of the state"),
    _by_code("in_karnataka", "Karnataka", "IN", "19", {"kn": 1.0, "hi": 0.1, "ta": 0.1, "te": 0.1}, "language of the state"),
    _by_code("in_telugu", "Andhra Pradesh and Telangana", "IN", "02 40", {"te": 1.0, "hi": 0.15, "ur": 0.2}, "language of the state"),
    _by_code("in_maharashtra", "Maharashtra", "IN", "16", {"mr": 1.0, "hi": 0.5}, "language of the state"),
    _by_code("in_goa", "Goa", "IN", "33", {"kok": 0.7, "mr": 0.4, "hi": 0.3}, "language of the state"),
    _by_code("in_gujarat", "Gujarat, Daman and Diu", "IN", "09 52", {"gu": 1.0, "hi": 0.4}, "language of the state"),
    _by_code("in_punjab", "Punjab and Chandigarh", "IN", "23 05", {"pa": 1.0, "hi": 0.5}, "language of the state"),
    _by_code("in_bengal", "West Bengal and Tripura", "IN", "28 26", {"bn": 1.0, "hi": 0.3, "ne": 0.05}, "language of the state"),
    _near("in_darjeeling", "Darjeeling", "IN", ((27.0, 88.3, 28),), {"ne": 0.6, "bn": 0.4, "hi": 0.4}, "Nepali is spoken by most"),
    _by_code("in_odisha", "Odisha", "IN", "21", {"or": 1.0, "hi": 0.2}, "language of the state"),
    _by_code("in_assam", "Assam", "IN", "03", {"as": 1.0, "bn": 0.3, "hi": 0.3}, "language of the state"),
    _by_code("in_kashmir", "Jammu and Kashmir", "IN", "12", {"ur": 0.8, "ks": 0.4, "hi": 0.4}, "Urdu and Kashmiri are official"),
    _by_code("in_ladakh", "Ladakh", "IN", "41", {"bo": 0.5, "ur": 0.3, "hi": 0.5}, "Ladakhi is written in Tibetan script"),
    _by_code("in_sikkim", "Sikkim", "IN", "29", {"ne": 0.5, "bo": 0.2, "hi": 0.4}, "Nepali is spoken by most"),
    _by_code("in_northeast", "Meghalaya, Mizoram, Nagaland, Manipur, Arunachal", "IN", "18 31 20 17 30", {"kha": 0.3, "hi": 0.2, "bn": 0.2}, "English leads on signs"),
    _by_code("in_uttar", "Uttar Pradesh, Bihar, Delhi", "IN", "36 34 07 38", {"hi": 1.0, "ur": 0.2, "mai": 0.1, "sat": 0.05}, "Hindi leads, Urdu is a second language"),
    _by_code("pk_sindh", "Sindh", "PK", "05", {"sd": 0.7, "ur": 0.9}, "Sindhi is official in the province"),
    _by_code("pk_pashto", "Khyber Pakhtunkhwa", "PK", "03", {"ps": 0.5, "ur": 0.9}, "Pashto is spoken by most"),
    _by_code("lk_north", "Northern and Eastern Sri Lanka", "LK", "37 38", {"ta": 1.0, "si": 0.5}, "Tamil is spoken by most"),
    _by_code("np_madhesh", "Madhesh", "NP", "2", {"mai": 0.3, "bho": 0.2, "hi": 0.2}, "Maithili and Bhojpuri are spoken"),
    # East and South-East Asia
    _by_code("cn_xinjiang", "Xinjiang", "CN", "13", {"ug": 0.8, "kk": 0.1, "zh": 1.0}, "signs have Uyghur in Arabic script"),
    _by_code("cn_tibet", "Tibet", "CN", "14", {"bo": 0.9, "zh": 1.0}, "signs have Tibetan"),
    _by_code("cn_qinghai", "Qinghai", "CN", "06", {"bo": 0.5, "zh": 1.0}, "Tibetan prefectures have signs in both"),
    _near("cn_kham", "Western Sichuan, Gannan, Diqing", "CN", ((30.5, 100.3, 190), (34.6, 102.3, 110), (28.2, 99.3, 90), (32.5, 102.5, 110)), {"bo": 0.6}, "Tibetan prefectures have signs in both"),
    _by_code("cn_inner_mongolia", "Inner Mongolia", "CN", "20", {"mn": 0.8, "zh": 1.0}, "signs have Mongolian in its old script"),
    _by_code("cn_guangxi", "Guangxi", "CN", "16", {"za": 0.3, "yue": 0.3}, "public signs have Zhuang"),
    _by_code("cn_guangdong", "Guangdong", "CN", "30", {"yue": 0.5}, "Cantonese is spoken, written as Chinese"),
    _near("cn_yanbian", "Yanbian", "CN", ((42.9, 129.4, 90), (41.5, 128.3, 40)), {"ko": 0.8}, "signs have Korean"),
    _by_code("my_chinese", "Penang, Perak, Kuala Lumpur, Johor", "MY", "01 07 09 12 14", {"zh": 0.4, "ta": 0.1}, "shops have Chinese too"),
    _by_code("th_south", "Southern border provinces", "TH", "31 69 70 67", {"ms": 0.3}, "Malay is spoken by most"),
    _by_code("id_bali", "Bali", "ID", "02", {"en": 0.4}, "shops for tourists"),
    _by_code("id_java", "Central and East Java", "ID", "07 08 10", {"jv": 0.3}, "street signs of Yogyakarta and Surakarta have Javanese"),
    # the Americas and the Pacific
    _by_code("ca_quebec", "Quebec", "CA", "10", {"fr": 1.0, "en": 0.4}, "French alone is official"),
    _by_code("ca_new_brunswick", "New Brunswick", "CA", "04", {"fr": 0.6, "en": 1.0}, "both are official"),
    _near("ca_ottawa", "Ottawa and eastern Ontario", "CA", ((45.4, -75.6, 70),), {"fr": 0.6, "en": 1.0}, "federal signs have both"),
    _by_code("ca_english", "English-speaking Canada", "CA", "01 02 03 05 07 08 09 11 12 13", {"fr": 0.1, "en": 1.0}, "French on federal signs and packages only"),
    _by_code("ca_nunavut", "Nunavut", "CA", "14", {"iu": 0.9, "fr": 0.2}, "signs have Inuktitut"),
    _by_code("us_southwest", "California, New Mexico, Arizona, Texas, Nevada, Florida", "US", "CA NM AZ TX NV FL", {"es": 0.25}, "three in ten speak Spanish"),
    _near("us_border", "Mexican border", "US", ((32.6, -116.6, 80), (31.6, -110.9, 120), (31.8, -106.4, 100), (29.5, -101.0, 130), (27.5, -99.4, 110), (26.2, -98.2, 110)), {"es": 0.5}, "many signs in Spanish"),
    _near("us_miami", "Miami", "US", ((25.8, -80.3, 50),), {"es": 0.6, "ht": 0.1}, "most speak Spanish"),
    _near("us_cities", "New York, Chicago", "US", ((40.75, -73.95, 40), (41.85, -87.75, 40)), {"es": 0.2, "zh": 0.06}, "whole quarters speak Spanish"),
    _by_code("us_hawaii", "Hawaii", "US", "HI", {"haw": 0.4, "ja": 0.15}, "place names are Hawaiian; shops for tourists from Japan"),
    _by_code("us_louisiana", "Louisiana", "US", "LA", {"fr": 0.1}, "street names and shop signs"),
    _by_code("mx_yucatan", "Yucatan and Quintana Roo", "MX", "31 23", {"en": 0.3}, "resorts"),
    _by_code("pe_andes", "Southern Andes of Peru", "PE", "03 05 08 09 21", {"qu": 0.2, "ay": 0.1}, "Quechua is spoken by most"),
    _by_code("bo_andes", "Highlands of Bolivia", "BO", "04 05 07 02 01", {"ay": 0.2, "qu": 0.2}, "Aymara and Quechua are spoken by most"),
)
"""Later rows lie on top of earlier ones."""
