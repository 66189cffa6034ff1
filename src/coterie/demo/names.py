"""What people are called, country by country, and how many of the customers live there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    first: tuple[str, ...]
    last: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Country:
    code: str
    weight: int  # of a hundred customers, about
    language: str
    cities: tuple[str, ...]
    names: Names


def _names(first: str, last: str) -> Names:
    return Names(tuple(first.split()), tuple(last.split()))


ENGLISH = _names(
    "Ada Grace Olivia Emma Charlotte Amelia Sophia Mia Harper Evelyn Liam Noah Oliver James "
    "Henry Lucas Ethan Jack Owen Samuel Alice Ruby Isla Freya Daniel Marcus Naomi Chloe Zoe "
    "Caleb",
    "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Moore Thompson "
    "White Harris Clark Lewis Walker Hall Young King Wright Scott Green Baker Adams Nelson "
    "Carter Mitchell Turner Parker O'Brien Lovelace",
)
GERMAN = _names(
    "Anna Lena Hannah Lea Marie Sophie Jule Klara Greta Frieda Lukas Jonas Felix Paul "
    "Maximilian Moritz Jakob Emil Anton Jürgen Käthe Björn Sabine Uwe",
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer "
    "Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Krüger Hofmann Lange Vogel Jäger",
)
FRENCH = _names(
    "Camille Léa Manon Chloé Inès Zoé Louise Juliette Élise Margaux Hugo Louis Gabriel Arthur "
    "Jules Théo Antoine Rémi François Noël",
    "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent "
    "Lefèvre Roux Fournier Girard Mercier Dupont Lambert Faure",
)
SPANISH = _names(
    "Lucía Sofía Martina María Paula Valentina Elena Carmen Alba Inés Hugo Mateo Martín Lucas "
    "Leo Daniel Alejandro Pablo Álvaro Íñigo",
    "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Ruiz Hernández "
    "Díaz Moreno Álvarez Romero Navarro Torres Domínguez Ramos Núñez",
)
ITALIAN = _names(
    "Sofia Giulia Aurora Alice Ginevra Emma Giorgia Chiara Martina Beatrice Leonardo "
    "Francesco Lorenzo Alessandro Andrea Mattia Matteo Davide Niccolò Tommaso",
    "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti "
    "De-Luca Costa Giordano Mancini Rizzo Lombardi Moretti",
)
INDIAN = _names(
    "Aarav Vivaan Aditya Arjun Rohan Kabir Ishaan Vikram Rahul Sanjay Ananya Diya Aadhya Isha "
    "Kavya Meera Priya Neha Riya Sunita",
    "Sharma Verma Gupta Patel Singh Kumar Reddy Iyer Nair Rao Mehta Joshi Desai Kapoor Chopra "
    "Bose Banerjee Das Menon Pillai",
)
PORTUGUESE = _names(
    "Ana Beatriz Júlia Laura Mariana Letícia Gabriela Camila João Pedro Lucas Gabriel Rafael "
    "Mateus Felipe Thiago Antônio Caio",
    "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro "
    "Martins Carvalho Almeida Araújo",
)
JAPANESE = _names(
    "Haruto Yuto Sota Ren Kaito Hiroshi Takumi Daiki Yui Aoi Hina Sakura Mei Akari Yuna Naoko",
    "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki Matsumoto",
)
NORTHERN = _names(
    "Astrid Ingrid Freja Saga Elsa Maja Linnéa Sanne Femke Noor Lars Erik Nils Bram Daan Sem Oskar Søren Åke Jesper",
    "Andersson Johansson Karlsson Nilsson Larsson de-Vries Jansen Bakker Visser Smit Hansen "
    "Olsen Lindqvist Berg Dahl Sørensen",
)
POLISH = _names(
    "Zofia Julia Hanna Maja Zuzanna Alicja Katarzyna Agnieszka Antoni Jakub Szymon Jan Franciszek Michał Paweł Łukasz",
    "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Woźniak Dąbrowski Mazur Kaczmarek",
)

COUNTRIES = (
    Country("US", 30, "en", ("New York", "Austin", "Chicago", "Seattle", "Denver", "Boston"), ENGLISH),
    Country("GB", 11, "en", ("London", "Manchester", "Bristol", "Edinburgh"), ENGLISH),
    Country("DE", 11, "de", ("Berlin", "Hamburg", "München", "Köln"), GERMAN),
    Country("FR", 8, "fr", ("Paris", "Lyon", "Nantes"), FRENCH),
    Country("IN", 8, "en", ("Bengaluru", "Mumbai", "Pune"), INDIAN),
    Country("BR", 6, "pt", ("São Paulo", "Recife", "Curitiba"), PORTUGUESE),
    Country("CA", 5, "en", ("Toronto", "Vancouver", "Montréal"), ENGLISH),
    Country("ES", 5, "es", ("Madrid", "Barcelona", "Sevilla"), SPANISH),
    Country("IT", 4, "it", ("Milano", "Roma", "Torino"), ITALIAN),
    Country("NL", 3, "nl", ("Amsterdam", "Utrecht"), NORTHERN),
    Country("SE", 3, "sv", ("Stockholm", "Göteborg"), NORTHERN),
    Country("JP", 3, "ja", ("Tokyo", "Osaka"), JAPANESE),
    Country("PL", 3, "pl", ("Warszawa", "Kraków"), POLISH),
    Country("AT", 2, "de", ("Wien", "Graz"), GERMAN),
    Country("CH", 2, "de", ("Zürich", "Basel"), GERMAN),
    Country("MX", 2, "es", ("Ciudad de México", "Guadalajara"), SPANISH),
)
