# ruff: noqa: RUF001
"""Lines as they stand on signs, and lines that mislead; written for these tests and for measuring.

``SIGNS`` are everyday signs by language, ``BRANDS`` names of shops and firms that are everywhere in the world,
``MISLEADING`` lines that look like a clue and are none.
"""

SIGNS = {
    "de": [
        "Einfahrt freihalten", "Betreten der Baustelle verboten", "Bitte nicht anlehnen", "Vorsicht Stufe",
        "Parken nur mit Parkschein", "Öffnungszeiten", "Zimmer frei", "Durchfahrt verboten", "Frische Brötchen",
        "Bäckerei und Konditorei", "Anlieger frei", "Rathaus und Bürgeramt", "Freiwillige Feuerwehr",
        "Apotheke am Markt", "Privatgrundstück",
    ],
    "fr": [
        "Défense d'afficher", "Sortie de secours", "Stationnement interdit", "Rue sans issue",
        "Boulangerie pâtisserie", "Accès interdit au public", "Attention à la marche", "Propriété privée",
        "Hôtel de ville", "Ouvert tous les jours", "Fermeture annuelle", "Vente de fruits et légumes",
        "Sapeurs pompiers", "Passage piétons", "Toutes directions",
    ],
    "es": [
        "Prohibido el paso", "Se vende piso", "Salida de emergencia", "Aparcamiento privado", "Cuidado con el perro",
        "Cerrado por vacaciones", "Abierto todos los días", "Farmacia de guardia", "Ceda el paso",
        "Se alquila local", "Panadería artesanal", "Camino cortado", "Peligro de muerte", "Entrada libre",
        "Ayuntamiento de la villa",
    ],
    "it": [
        "Divieto di sosta", "Vietato l'ingresso", "Uscita di emergenza", "Attenzione al cane", "Vendita diretta",
        "Passo carrabile", "Chiuso per ferie", "Area pedonale", "Strada senza uscita", "Lavori in corso",
        "Proprietà privata", "Affittasi appartamento", "Stazione ferroviaria", "Tabacchi e giornali",
        "Parcheggio a pagamento",
    ],
    "pt": [
        "Proibido estacionar", "Saída de emergência", "Cuidado com o cão", "Vende-se apartamento",
        "Fechado para férias", "Entrada proibida", "Aberto todos os dias", "Câmara municipal", "Perigo de morte",
        "Pastelaria e padaria", "Estacionamento privativo", "Aluga-se casa", "Bombeiros voluntários",
        "Rua sem saída", "Não ultrapasse",
    ],
    "nl": [
        "Verboden toegang", "Niet parkeren", "Pas op voor de hond", "Te koop", "Doodlopende weg",
        "Fietsers afstappen", "Uitrit vrijlaten", "Let op drempel", "Gemeentehuis", "Eigen weg",
        "Bushalte opgeheven", "Wegwerkzaamheden", "Uitgezonderd bestemmingsverkeer", "Openingstijden",
        "Verse broodjes",
    ],
    "sv": [
        "Förbjudet att parkera", "Privat område", "Öppettider", "Genomfart förbjuden", "Utrymningsväg",
        "Varning för hunden", "Gångbana", "Återvändsgränd", "Kommunhuset", "Lägenhet uthyres", "Välkommen till",
        "Enskild väg", "Betalning vid automat", "Badplats", "Vägarbete pågår",
    ],
    "da": [
        "Parkering forbudt", "Privat vej", "Åbningstider", "Adgang forbudt", "Pas på hunden", "Gennemkørsel forbudt",
        "Lejlighed til leje", "Velkommen til", "Cykler fjernes", "Nødudgang", "Vejarbejde", "Til salg", "Rådhuset",
        "Blind vej", "Kør forsigtigt",
    ],
    "no": [
        "Parkering forbudt", "Privat vei", "Åpningstider", "Adgang forbudt", "Innkjøring forbudt",
        "Gjelder ikke buss", "Velkommen til", "Nødutgang", "Veiarbeid", "Til leie", "Rådhuset", "Sykler fjernes",
        "Kjør forsiktig", "Blindvei", "Ferge til øyene",
    ],
    "fi": [
        "Pysäköinti kielletty", "Yksityisalue", "Aukioloajat", "Läpiajo kielletty", "Kaupungintalo",
        "Varokaa koiraa", "Hätäuloskäynti", "Tervetuloa", "Tietyö", "Vuokrataan huoneisto",
        "Pyörien säilytys kielletty", "Rautatieasema", "Uimaranta", "Asukaspysäköinti", "Leipomo ja kahvila",
    ],
    "pl": [
        "Zakaz parkowania", "Uwaga zły pies", "Wyjście awaryjne", "Teren prywatny", "Godziny otwarcia",
        "Sprzedam mieszkanie", "Wstęp wzbroniony", "Urząd miasta", "Przejście dla pieszych", "Sklep spożywczy",
        "Nie dotyczy rowerów", "Ślepa ulica", "Droga wewnętrzna", "Świeże pieczywo", "Ochotnicza Straż Pożarna",
    ],
    "cs": [
        "Zákaz parkování", "Pozor na psa", "Únikový východ", "Soukromý pozemek", "Otevírací doba", "Vstup zakázán",
        "Městský úřad", "Prodej bytů", "Průjezd zakázán", "Nádraží", "Mimo dopravní obsluhy", "Slepá ulice",
        "Čerstvé pečivo", "Zastávka autobusu", "Neparkovat vjezd",
    ],
    "sk": [
        "Zákaz parkovania", "Pozor na psa", "Únikový východ", "Súkromný pozemok", "Otváracie hodiny",
        "Vstup zakázaný", "Mestský úrad", "Predaj bytov", "Prejazd zakázaný", "Železničná stanica",
        "Okrem dopravnej obsluhy", "Slepá ulica", "Čerstvé pečivo", "Zastávka autobusu", "Neparkovať vjazd",
    ],
    "hu": [
        "Tilos a parkolás", "Vigyázat a kutya harap", "Vészkijárat", "Magánterület", "Nyitvatartás", "Belépni tilos",
        "Városháza", "Eladó lakás", "Zsákutca", "Vasútállomás", "Kivéve célforgalom", "Friss pékáru", "Gyógyszertár",
        "Behajtani tilos", "Kerékpárút vége",
    ],
    "ro": [
        "Parcarea interzisă", "Câine rău", "Ieșire de urgență", "Proprietate privată", "Program de lucru",
        "Accesul interzis", "Primăria orașului", "De vânzare", "Drum închis", "Gară", "Atenție la copii", "Farmacie",
        "Vulcanizare", "Produse proaspete", "Lucrări în curs",
    ],
    "hr": [
        "Zabranjeno parkiranje", "Oprez pas", "Izlaz u nuždi", "Privatni posjed", "Radno vrijeme", "Zabranjen ulaz",
        "Gradska vijećnica", "Prodaje se stan", "Slijepa ulica", "Željeznički kolodvor", "Osim za stanare",
        "Ljekarna", "Vatrogasni prilaz", "Svježe pecivo", "Sobe i apartmani",
    ],
    "sl": [
        "Prepovedano parkiranje", "Pozor hud pes", "Zasilni izhod", "Zasebno zemljišče", "Delovni čas",
        "Vstop prepovedan", "Mestna hiša", "Prodam stanovanje", "Slepa ulica", "Železniška postaja",
        "Dovoljeno za stanovalce", "Lekarna", "Gasilski dom", "Sveže pecivo", "Turistična kmetija",
    ],
    "tr": [
        "Park yapılmaz", "Dikkat köpek var", "Acil çıkış", "Özel mülk", "Çalışma saatleri", "Girilmez",
        "Belediye başkanlığı", "Satılık daire", "Çıkmaz sokak", "Eczane", "Yaya geçidi", "Kiralık dükkan",
        "Şehir merkezi", "Taze ekmek", "İtfaiye çıkışı",
    ],
    "vi": [
        "Cấm đỗ xe", "Lối thoát hiểm", "Nhà thuốc", "Cho thuê nhà", "Đường cấm", "Phở bò gia truyền",
        "Ủy ban nhân dân", "Cấm hút thuốc", "Giờ mở cửa", "Sửa xe máy", "Cà phê sữa đá", "Trường tiểu học",
        "Chợ trung tâm", "Bánh mì nóng", "Coi chừng chó dữ",
    ],
    "id": [
        "Dilarang parkir", "Awas anjing galak", "Pintu keluar darurat", "Tanah ini milik", "Dijual cepat",
        "Dilarang masuk", "Kantor kelurahan", "Rumah makan padang", "Hati hati banyak anak", "Terima kost putri",
        "Jalan buntu", "Buang sampah pada tempatnya", "Tambal ban", "Warung kopi", "Dikontrakkan",
    ],
    "et": [
        "Parkimine keelatud", "Eramaa", "Avatud iga päev", "Ettevaatust kuri koer", "Linnavalitsus",
        "Läbisõit keelatud", "Raudteejaam", "Müüa korter", "Välja arvatud elanikud", "Apteek", "Avariiväljapääs",
        "Tere tulemast", "Värske leib", "Bussipeatus", "Omavoliline sissepääs keelatud",
    ],
    "lv": [
        "Stāvēt aizliegts", "Privātīpašums", "Darba laiks", "Uzmanību nikns suns", "Ieeja aizliegta",
        "Pilsētas dome", "Dzelzceļa stacija", "Pārdod dzīvokli", "Izņemot iedzīvotājus", "Aptieka", "Avārijas izeja",
        "Laipni lūdzam", "Svaiga maize", "Autobusa pietura", "Caurbraukt aizliegts",
    ],
    "lt": [
        "Statyti draudžiama", "Privati valda", "Darbo laikas", "Atsargiai piktas šuo", "Įeiti draudžiama",
        "Miesto savivaldybė", "Geležinkelio stotis", "Parduodamas butas", "Išskyrus gyventojus", "Vaistinė",
        "Avarinis išėjimas", "Sveiki atvykę", "Šviežia duona", "Autobusų stotelė", "Pravažiuoti draudžiama",
    ],
    "is": [
        "Bannað að leggja", "Einkavegur", "Opnunartími", "Velkomin til", "Neyðarútgangur", "Til sölu", "Sundlaug",
        "Lögreglan", "Ráðhúsið", "Akið varlega", "Umferð bönnuð", "Ferðaþjónusta", "Bílastæði",
        "Óviðkomandi bannaður aðgangur", "Hundar bannaðir",
    ],
    "ca": [
        "Prohibit aparcar", "Sortida d'emergència", "Propietat privada", "Obert cada dia", "Ajuntament de la vila",
        "Es lloga local", "Perill de mort", "Carrer sense sortida", "Compte amb el gos", "Forn de pa",
        "Prohibit el pas", "Tancat per vacances", "Platja de gossos", "Excepte veïns", "Estació d'autobusos",
    ],
}  # fmt: skip
"""Everyday signs, 15 for each language by its ISO 639 code."""

BRANDS = [
    "Hotel Europa", "Pizzeria Bella Napoli", "Sushi Bar Tokyo", "Restaurant Panorama", "Coca Cola",
    "Burger King Drive", "Mercedes Benz Service", "Cafe Central", "Louis Vuitton", "Volkswagen Zentrum",
    "El Corte Ingles", "Le Petit Bistro", "Trattoria Roma", "La Casa Mexicana", "Casa Blanca Resort",
    "Casino Royale", "Hugo Boss Store", "Dolce Gabbana", "Samsung Galaxy", "IKEA Parking", "No parking anytime",
    "Emergency exit only", "Private property keep out", "Beware of the dog", "For sale by owner", "Opening hours",
    "Fresh bread daily", "Central Station", "Main Street Diner", "Welcome to the city", "Church of Saint Mary",
    "Maria Theresia", "San Francisco Bay", "Los Angeles Lakers", "Santa Barbara", "Rio Grande", "Baden Baden",
    "Villa Aurora", "Kindergarten", "Delicatessen", "Rendezvous Lounge", "Souvenirs", "Bon Appetit Deli",
    "Fiesta Grill", "Salon de Beaute", "Auto Service Tiptop", "Michelin Pneus", "Schlumberger", "Pho Saigon Noodle",
    "Siesta Key Realty", "Hasta la vista baby", "Croissanterie", "Bar Tabac", "Döner Kebab Haus",
    "Biergarten Brewery", "Oktoberfest Tent", "Zara Home", "Radio Maria", "Banco Santander", "Deutsche Bank",
    "Credit Suisse", "Société Générale", "BNP Paribas", "Alfa Romeo", "Lamborghini", "Nestle Waters",
    "Carrefour Market", "Decathlon", "Leroy Merlin", "Intermarche Super", "Aldi Sud", "Rossmann", "Schwarzkopf",
    "Haagen Dazs", "Smorgasbord Cafe",
]  # fmt: skip
"""Names of shops, firms and dishes, and lines in English."""

MISLEADING = {
    "names of places that mean something else": [
        "Kassa", "LIMIT", "Essen", "Cognac", "Split", "Cadillac", "Orange", "Nice", "Reading", "Bath", "Mobile",
        "Hull", "Buffalo Wings", "Phoenix", "Lincoln Park", "Santiago", "San Jose", "Victoria", "Paradise",
        "Liberty", "Halle 3", "Baden", "Marina", "Granada", "Toledo", "Florida", "California", "Paris", "London",
        "Roma", "Berlin", "Wellington", "Kingston", "Windsor",
    ],
    "addresses that say nothing": [
        "youtube.com", "instagram.com/bella", "www.company.io", "get.me", "twitch.tv", "bit.ly/3xYz", "join.us",
        "openai.ai", "shop.co", "www.museum.tv", "Nr.at", "Mr.it", "ca.de", "Fig.no", "St.Moritz", "e.g.in",
        "U.S. Route 1", "v2.is", "10.30.Uhr", "cafe.bar", "a.de", "Dr.No",
    ],
    "numbers that are no telephone numbers": [
        "+5 years", "+100 points", "1+1=2", "+2 Bonus", "00 7", "+18 only", "555-1234", "0800 123456", "911",
        "T+ 12 34", "2+1 gratis", "+4.5%", "+44",
    ],
    "prices without a country": [
        "$5.99", "$ 12", "50 % off", "¥500", "99 cents", "5 F", "1.000", "12.50", "Ft. Lauderdale 20", "kr",
        "€uro Shop", "Euro 2024", "Pound Shop", "Lei Lei 5",
    ],
    "codes that look like plates": [
        "ISO 9001", "AB-123", "EN 12345", "2024 NFL", "1990 BMW", "ABC 123", "B 52", "A 380", "M 25", "Boeing 747",
        "12 B 34", "X5 M50", "GT 3 RS", "R2D2", "3M 1234", "CLASS 10", "10-12-AM", "9-5-PM", "IS 300 AWD",
        "HP 25 LED", "T-REX 2000", "4K UHD 120", "IPX7", "S-10", "C-130", "HD 1080", "2 FOR 1", "E 45", "A1 SAUCE",
        "W-LAN 50", "AC/DC", "S-BAHN 8", "TOP 10 HITS", "12 MIN 30", "AA 1234", "BMW 320i", "U2 LIVE", "MG 42",
    ],
    "street words abroad": [
        "Via Veneto Restaurant", "Strada Coffee", "Plaza Hotel", "Rue 21", "Calle Ocho", "Piazza Pizza", "Broadway",
        "Main Street", "Baker Street", "Wall Street", "Avenue Q", "Boulevard Burger", "La Rambla Tapas", "Gasse Bar",
        "Platz da", "Viale Fashion", "Plaza Mayor Tapas Bar", "Jalan Sutra Club Bar Grill 24",
    ],
    "foreign words everyone borrows": [
        "Trattoria Roma", "Société Générale", "Haute Couture Paris", "Ristorante Bella Italia",
        "Boulangerie Patisserie", "Cafe Croissanterie", "Biergarten Oktoberfest", "Kindergarten",
        "Taqueria El Amigo", "Bon Appetit", "Fiesta Mexicana", "Brasserie Le Grand", "Döner Kebap Haus",
        "Gelateria Venezia", "Deutsche Bank", "Banco Santander", "El Corte Ingles", "Volkswagen Mercedes Benz",
        "Louis Vuitton", "Hasta la vista", "Chateau Margaux", "Prosecco Bar", "Tapas y Vino", "Weihnachts Market",
        "Feng Shui",
    ],
    "English": [
        "No parking anytime", "Emergency exit only", "Private property keep out", "Beware of the dog",
        "Fresh bread daily", "Opening hours Monday to Friday", "Welcome to the city",
        "Please do not feed the animals", "Mind the gap between the train and the platform",
        "Authorized personnel only",
    ],
    "single letters of other scripts": [
        "口", "中", "一", "日 2", "П", "Ω 5", "Я", "ー・", "口口", "田 A", "十",
    ],
    "nothing": [
        "IIIIIIII", "||||||||", "______", "........", "oOoOoO", "1234567890", "///", "x x x x", "LLLLLLL",
        "0000 0000",
    ],
}  # fmt: skip
"""Lines from which nothing must be ticked, by what they tempt to."""
