"""Invented names of the region's communities, each formed as that community forms names.

A community says how a household is named: Somali names run child, father, grandfather; Karen names are one to three
words without a family name; Spanish names carry two family names; Hmong families share a clan name. Lists hold common
names only; a full name that belongs to a person everyone knows is drawn again.
"""

import unicodedata
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Name:
    given: str
    middle: str
    family: str

    @property
    def full(self) -> str:
        return f"{self.given} {self.family}"


@dataclass(frozen=True)
class Community:
    """How households of one community are named and which languages (BCP 47, with weights) they speak at home."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    family: tuple[str, ...]
    languages: tuple[tuple[str, int], ...]
    form: str = "family"  # family, two_families, fathers, words


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


COMMUNITIES = {
    "european": Community(
        female=_words(
            "Emma Olivia Ava Grace Hannah Abigail Ella Lily Addison Claire Brynn Greta Ingrid Annika Kirsten Solveig Maren Elise "
            "Josephine Nora Hazel Ruby Violet Lucy Sadie Paige Morgan Kendra Kayla Mackenzie Tessa Renée Zoë Chloé Mary-Kate "
            "Anna-Lise Heidi Britta Sylvia Faith Hope Marit Lena Corinne Adele Whitney Shelby Autumn Brooke Delaney"
        ),
        male=_words(
            "Liam Noah Owen Mason Carter Wyatt Hunter Cole Tyler Austin Logan Gavin Evan Isaac Levi Caleb Henry Oliver Anders Erik "
            "Soren Leif Lars Nels Torsten Gunnar Bjørn Jonas Lucas Elias August Theo Grant Blake Trevor Dylan Jack Samuel Simon "
            "Peter Karl Jean-Luc Dean Marshall Reid Brody Easton Garrett Emmett Silas"
        ),
        family=_words(
            "Anderson Johnson Olson Larson Nelson Peterson Swenson Carlson Lindquist Lundgren Bergstrom Engebretson Gunderson "
            "Halvorson Haugen Hegstad Knutson Mattson Nygaard Rasmussen Sorenson Thorson Tollefson Ulstad Vik Rønning Müller "
            "Schneider Schmitz Hoffmann Kramer Beckermann Rademacher Wieberdink Dykstra Vander_Meer TerWisscha Slagter Roelofs "
            "O'Brien O'Leary McCarthy Fitzgerald Kelly D'Angelo Novak Dvořák Kowalski Bauer Fischer Weber Zimmerman Huisinga "
            "Olson-Berg Lund-Hansen Carlson-Ruiz Lindstrom Sundquist Moe Dahl Strand Fossum Aasen Hillestad Evenson Iverson"
        ),
        languages=(("en", 985), ("uk", 6), ("ru", 4), ("de", 5)),
    ),
    "latino": Community(
        female=_words(
            "María José Guadalupe Ximena Valentina Camila Sofía Daniela Alejandra Lucía Mariana Fernanda Yaretzi Itzel Renata "
            "Isabella Natalia Paola Ana_Luisa Rosa Esmeralda Jimena Araceli Perla Marisol Yesenia Citlali Belén Ángela Inés"
        ),
        male=_words(
            "José_Luis Juan_Carlos Ángel Mateo Santiago Emiliano Diego Alejandro Adrián Joaquín Iván Raúl Óscar Andrés Jesús "
            "Miguel_Ángel Luis Eduardo Fernando Rubén Sebastián Tomás Nicolás Cristian Edgar Hugo Noé Martín César Abel"
        ),
        family=_words(
            "García Hernández Martínez López González Rodríguez Pérez Sánchez Ramírez Torres Flores Rivera Gómez Díaz Cruz Morales "
            "Reyes Gutiérrez Ortiz Chávez Ramos Ruiz Mendoza Álvarez Jiménez Castillo Vásquez Aguilar Muñoz Peña Núñez Zúñiga "
            "Ibarra Cárdenas Villarreal Escobedo Treviño Solís Arriaga De_la_Rosa Del_Ángel Tzoc Ixcoy"
        ),
        languages=(("es", 70), ("en", 28), ("quc", 2)),
        form="two_families",
    ),
    "somali": Community(
        female=_words(
            "Amina Hodan Fadumo Sahra Khadija Hamdi Nasteexo Ifrah Ayaan Halimo Hawa Maryan Asha Fartun Idil Sagal Ubah Zamzam "
            "Muna Nimco Deqa Shukri Rahma Filsan Xaliimo Sucaad Najma Ladan Bilan Hibaaq"
        ),
        male=_words(
            "Abdi Mohamed Ahmed Hassan Ali Yusuf Abdirahman Abdullahi Ismail Liban Mahad Guled Bilal Zakariya Hamza Khalid Salman "
            "Abdifatah Sharmarke Warsame Jama Farah Nuur Dahir Sakariye Mustafe Cabdi Idiris Suleyman Ayanle"
        ),
        family=_words(
            "Abdi Mohamed Ahmed Hassan Ali Yusuf Warsame Jama Farah Nuur Dahir Hirsi Abdullahi Ismail Gedi Hersi Osman Adan Barre "
            "Elmi Guled Hussein Ibrahim Isse Maxamed Mohamud Roble Samatar Shire Sheikh Diriye Aden"
        ),
        languages=(("so", 88), ("en", 10), ("ar", 2)),
        form="fathers",
    ),
    "karen": Community(
        female=_words("Paw Moo Htoo Hser Ku Eh Say Wah Mu Hsa Lay Gay Ler Tha Blut Dah Naw_Paw Shee"),
        male=_words("Htoo Eh Doh Ku Hser Moo Say Wah Kaw Lah Soe Thaw Taw Blay Ler Nay Saw_Htoo Pwe"),
        family=_words("Htoo Paw Moo Doh Wah Soe Hser Ku Say Lah Kaw Thaw Mu Gay Blay Shee"),
        languages=(("ksw", 90), ("my", 5), ("en", 5)),
        form="words",
    ),
    "hmong": Community(
        female=_words(
            "Mai Pa_Houa Kao_Nou Gao_Sheng Nkauj_Hli Yer Chee Mai_Lee Bao Pahoua Sheng Ka_Zoua Panyia Maly Xee"
        ),
        male=_words("Tou Kong Pao Chue Fue Leng Meng Nhia Teng Toua Xeng Yeng Cheng Long Tou_Ger"),
        family=_words("Vang Xiong Yang Thao Lor Moua Her Vue Cha Lee Khang Kue Hang"),
        languages=(("hmn", 70), ("en", 30)),
    ),
    "southeast_asian": Community(
        female=_words("Linh Thuy Ngọc Mai_Anh Trinh Bopha Malee Maricel Analyn Jasmine Grace Christine"),
        male=_words("Minh Quang Tuấn Bao Khoa Somchai Bounmy Jericho Rommel Paulo Vincent Anthony"),
        family=_words("Nguyễn Trần Lê Phạm Phommavong Sayavong Dela_Cruz Villanueva Magsaysay-Ocampo Bautista Soriano"),
        languages=(("vi", 30), ("lo", 15), ("tl", 20), ("en", 35)),
    ),
    "arabic": Community(
        female=_words("Layla Noor Mariam Zahra Salma Rania Yasmin Huda Amal Dina"),
        male=_words("Omar Karim Tariq Samir Ziad Rami Faris Nabil Adel Walid"),
        family=_words("Al-Hassan Haddad Khoury Mansour El-Amin Abdel-Rahman Saleh Nasser-Aldin Bakri Shami"),
        languages=(("ar", 80), ("en", 20)),
    ),
    "oromo": Community(
        female=_words("Chaltu Lensa Ayantu Bontu Kuli Hawi Sifan Obse Meti Jitu"),
        male=_words("Gemechu Abdisa Lemi Fayisa Bekele Tolosa Dinka Galan Jarra Obsa"),
        family=_words("Gemechu Abdisa Tolosa Fayisa Dinka Jarra Galan Lemma Wako Bulcha"),
        languages=(("om", 75), ("am", 10), ("en", 15)),
        form="fathers",
    ),
    "african_american": Community(
        female=_words("Aaliyah Imani Jada Kiara Nia Destiny Tiana Zaria Amara Ja'Nae Brianna Simone Gabrielle Camille"),
        male=_words(
            "Malik Jalen Darius Xavier Isaiah Elijah Andre Terrance De'Shawn Marquis Julian Micah Cameron Tremaine"
        ),
        family=_words(
            "Washington-Bell Jefferson Banks Booker Coleman Dixon Gaines Hayes Jenkins Mosley Pettway Rivers Simmons Tate"
        ),
        languages=(("en", 100),),
    ),
    "dakota_ojibwe": Community(
        female=_words("Winona Autumn Skye Raven Hope Dawn Serenity Maya Cheyenne Nevaeh Wren June"),
        male=_words("Chaske Hunter Dakota Jesse River Cody Dustin Wade Travis Colt Keith Ansel"),
        family=_words(
            "LaRoque LaPointe St._John Bluestone Whitefeather Redleaf Morrisseau Robideaux Cloudman Rousseau Stillday Lightfoot-Roy"
        ),
        languages=(("en", 94), ("dak", 3), ("oj", 3)),
    ),
    "pacific": Community(
        female=_words("Merina Leilani Kiana Rosalina Neimat Ketsia Malia Antonia Sina Tarina"),
        male=_words("Kalani Anson Rensper Johnny Ioane Marcellus Kimo Hanson Sione Enrico"),
        family=_words("Ruben Nakamura-Kalani Eram Setik Mwarike Kabua-Lani Poll Rokop Tuala Faleafa"),
        languages=(("chk", 60), ("mh", 15), ("en", 25)),
    ),
}

# Who lives here, by the group that the state counts: weights of communities. Not one of them is certain.
BY_GROUP = {
    "white": (("european", 990), ("arabic", 10)),
    "hispanic": (("latino", 97), ("european", 3)),
    "black": (("somali", 80), ("african_american", 13), ("oromo", 7)),
    "asian": (("karen", 60), ("hmong", 18), ("southeast_asian", 22)),
    "american_indian": (("dakota_ojibwe", 85), ("european", 15)),
    "pacific_islander": (("pacific", 100),),
    "two_or_more": (
        ("european", 55),
        ("african_american", 18),
        ("dakota_ojibwe", 12),
        ("southeast_asian", 10),
        ("somali", 5),
    ),
}

# Full names the lists could form by accident and that belong to people everyone knows.
WELL_KNOWN = frozenset(
    _words(
        "Ilhan_Omar Dean_Martin Jack_Johnson Henry_Ford Peter_Fischer Jasmine_Lee Grace_Kelly Morgan_Wallen "
        "Tyler_Johnson Chris_Paul Malik_Jefferson Jesse_Jefferson Booker_Washington Jalen_Coleman Samuel_Johnson "
        "Simon_Weber Karl_Müller Mohamed_Farah Ali_Hassan Abdi_Warsame Carlson_Tucker Lucas_Moura Hunter_Hayes "
        "Hope_Dixon Hassan_Sheikh Ahmed_Hussein Mohamed_Barre Mohamed_Ali Ahmed_Ali Abdullahi_Mohamed Elijah_Anderson "
        "Hunter_Johnson Brooke_Anderson Paige_O'Brien Dylan_O'Brien Hazel_O'Leary Isaac_Larson Mason_Rivers "
        "Austin_Rivers Daniela_Ortiz Diego_Rivera Diego_Torres Fernando_Torres Óscar_Arriaga Luis_Díaz Raúl_Jiménez "
        "César_Chávez Rosa_Flores Natalia_Cruz Isaiah_Simmons Darius_Banks Abdirahman_Mohamud Mohamed_Abdullahi "
        "Hassan_Mohamud Ali_Mohamed"
    )
)


def pick(weighted: tuple[tuple[str, int], ...], rng: Random) -> str:
    """One of the values, as often as its weight says."""
    at = rng.random() * sum(weight for _, weight in weighted)
    for value, weight in weighted:
        at -= weight
        if at < 0:
            return value
    return weighted[-1][0]


@dataclass(frozen=True)
class FamilyNames:
    """How the members of one household are named."""

    community: str
    names: Community
    father: str
    grandfather: str
    family: str
    second_family: str

    def child(self, sex: str, rng: Random) -> Name:
        given = rng.choice(self.names.female if sex == "female" else self.names.male)
        match self.names.form:
            case "fathers":
                name = Name(given, self.father, self.grandfather)
            case "words":
                name = _words_name(given, self.names, rng)
            case "two_families":
                name = Name(given, "", f"{self.family} {self.second_family}".strip())
            case _:
                middle = (
                    rng.choice(self.names.female if sex == "female" else self.names.male) if rng.random() < 0.4 else ""
                )
                name = Name(given, "" if middle == given else middle, self.family)
        return self.child(sex, rng) if name.full in WELL_KNOWN else name

    def adult(self, which: int, rng: Random) -> Name:
        """The household's first (0, a woman) or second (1, a man) adult."""
        given = rng.choice(self.names.male if which else self.names.female)
        match self.names.form:
            case "fathers":
                # The father of the children is the middle name they carry; a mother keeps her own father's names.
                name = (
                    Name(self.father, self.grandfather, rng.choice(self.names.family))
                    if which
                    else Name(given, rng.choice(self.names.male), rng.choice(self.names.family))
                )
            case "words":
                name = _words_name(given, self.names, rng)
            case "two_families":
                own = self.family if which else (self.second_family or self.family)
                name = Name(given, "", f"{own} {rng.choice(self.names.family)}")
            case _:
                name = Name(given, "", self.family)
        return self.adult(which, rng) if name.full in WELL_KNOWN else name


def _words_name(given: str, names: Community, rng: Random) -> Name:
    """One to three words. One word alone fills both columns of a file that insists on two."""
    count = rng.choice((1, 2, 2, 2, 3))
    if count == 1:
        return Name(given, "", given)
    last = rng.choice(names.family)
    return Name(given if count == 2 else f"{given} {rng.choice(names.family)}", "", last)


def family_names(community: str, rng: Random) -> FamilyNames:
    """The names of a new household of this community."""
    names = COMMUNITIES[community]
    second = rng.choice(names.family) if names.form == "two_families" and rng.random() < 0.8 else ""
    return FamilyNames(
        community=community,
        names=names,
        father=rng.choice(names.male),
        grandfather=rng.choice(names.family),
        family=rng.choice(names.family),
        second_family=second,
    )


def plain(text: str) -> str:
    """ASCII letters and digits only, lower case: for user names and mail addresses."""
    replaced = text.replace("ø", "o").replace("Ø", "O").replace("đ", "d")
    folded = unicodedata.normalize("NFKD", replaced).encode("ascii", "ignore").decode()
    return "".join(letter for letter in folded.lower() if letter.isalnum())
