//! The history of the sample repositories.

use crate::domain::time::Timestamp;
use crate::git::build::SampleCommit;

/// Every repository with a history.
pub(super) const REPOSITORIES: [(&str, &str); 8] = [
    ("acme", "web"),
    ("acme", "api"),
    ("acme", "handbook"),
    ("acme", "site"),
    ("labs", "probe"),
    ("labs", "notes"),
    ("ana", "dotfiles"),
    ("ana", "lab"),
];

/// A commit: days ago, branch, author's login, message, and files with their new content.
type Told = (
    i64,
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// The history of one repository, oldest first.
pub(super) fn of(owner: &str, name: &str, now: Timestamp) -> Vec<SampleCommit> {
    let told = match (owner, name) {
        ("acme", "web") => WEB,
        ("acme", "api") => API,
        ("acme", "handbook") => HANDBOOK,
        ("acme", "site") => SITE,
        ("labs", "probe") => PROBE,
        ("labs", "notes") => NOTES,
        ("ana", "dotfiles") => DOTFILES,
        _ => LAB,
    };
    told.iter().map(|told| commit(told, now)).collect()
}

fn commit((ago, branch, author, message, files): &Told, now: Timestamp) -> SampleCommit {
    let (name, email) = match *author {
        "olga" => ("Olga Petrova", "olga@globex.example"),
        "sam" => ("Sam Okafor", "sam@globex.example"),
        "ben" => ("Ben Weiss", "ben@globex.example"),
        "mia" => ("Mia Tanaka", "mia@globex.example"),
        "dan" => ("Dan Novak", "dan@globex.example"),
        "carl" => ("Carl Berg", "carl@studio.example"),
        _ => ("Ana Lima", "ana@globex.example"),
    };
    let files = files
        .iter()
        .map(|(path, content)| ((*path).to_owned(), Some(content.as_bytes().to_vec())));
    SampleCommit {
        branch: (*branch).to_owned(),
        author: name.to_owned(),
        email: email.to_owned(),
        at: now.plus_days(-ago).to_utc(),
        message: (*message).to_owned(),
        files: files.collect(),
    }
}

const WEB: &[Told] = &[
    (
        58,
        "main",
        "ana",
        "Begin the shop",
        &[
            (
                "README.md",
                "# web\n\nThe shop that customers see.\n\n    make run\n",
            ),
            (
                "Makefile",
                "run:\n\tpython3 -m shop\n\ntest:\n\tpython3 -m unittest\n",
            ),
            ("shop/__init__.py", ""),
            (
                "shop/__main__.py",
                "from shop.server import serve\n\nserve(port=8000)\n",
            ),
        ],
    ),
    (
        55,
        "main",
        "ben",
        "Serve the front page",
        &[(
            "shop/server.py",
            "from http.server import HTTPServer, SimpleHTTPRequestHandler\n\n\ndef serve(port):\n    HTTPServer((\"\", port), \
             SimpleHTTPRequestHandler).serve_forever()\n",
        )],
    ),
    (
        47,
        "main",
        "ana",
        "Keep a cart",
        &[(
            "shop/cart.py",
            "class Cart:\n    def __init__(self):\n        self.items = []\n\n    def add(self, item):\n        \
             self.items.append(item)\n\n    def total(self):\n        return sum(item.price for item in self.items)\n",
        )],
    ),
    (
        40,
        "main",
        "sam",
        "Test every push",
        &[(
            ".github/workflows/ci.yml",
            "name: ci\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      \
             - run: make test\n",
        )],
    ),
    (
        21,
        "theme",
        "carl",
        "Name the colours of the theme",
        &[(
            "static/theme.css",
            ":root {\n  --ink: #1c2024;\n  --paper: #ffffff;\n  --accent: #0b6e4f;\n}\n",
        )],
    ),
    (
        12,
        "theme",
        "carl",
        "Use the accent for buttons",
        &[(
            "static/buttons.css",
            "button {\n  background: var(--accent);\n  color: var(--paper);\n}\n",
        )],
    ),
    (
        6,
        "main",
        "ana",
        "Round prices once, at the end",
        &[(
            "shop/cart.py",
            "class Cart:\n    def __init__(self):\n        self.items = []\n\n    def add(self, item):\n        \
             self.items.append(item)\n\n    def total(self):\n        return round(sum(item.price for item in self.items), 2)\n",
        )],
    ),
    (
        2,
        "tax",
        "ana",
        "Show prices with tax",
        &[(
            "shop/tax.py",
            "RATE = 0.2\n\n\ndef with_tax(price):\n    return price * (1 + RATE)\n",
        )],
    ),
];

const API: &[Told] = &[
    (
        57,
        "main",
        "ben",
        "Begin the interface for orders",
        &[
            ("README.md", "# api\n\nOrders, stock and invoices.\n"),
            (
                "orders.py",
                "def place(order):\n    return {\"id\": order[\"id\"], \"state\": \"placed\"}\n",
            ),
        ],
    ),
    (
        33,
        "main",
        "sam",
        "Write invoices",
        &[(
            "invoices.py",
            "def total(lines):\n    return sum(line[\"price\"] for line in lines)\n",
        )],
    ),
    (
        9,
        "search",
        "ben",
        "Search old orders by an index",
        &[(
            "search.py",
            "def find(orders, word):\n    return [order for order in orders if word in order[\"text\"]]\n",
        )],
    ),
];

const HANDBOOK: &[Told] = &[
    (
        59,
        "main",
        "olga",
        "Write down how we work",
        &[(
            "README.md",
            "# Handbook\n\n* Small changes, read by somebody else.\n* A token for each job, never one for all.\n",
        )],
    ),
    (
        28,
        "main",
        "mia",
        "Say whom to ask for access",
        &[(
            "access.md",
            "# Access\n\nAsk the owners of the organization; they see what you ask for and why.\n",
        )],
    ),
];

const SITE: &[Told] = &[
    (
        50,
        "main",
        "mia",
        "Begin the website",
        &[(
            "index.html",
            "<!doctype html>\n<title>Acme</title>\n<h1>Acme makes everything</h1>\n",
        )],
    ),
    (
        19,
        "main",
        "ana",
        "List open jobs",
        &[(
            "jobs.html",
            "<!doctype html>\n<title>Jobs at Acme</title>\n<p>We look for somebody who likes order.</p>\n",
        )],
    ),
];

const PROBE: &[Told] = &[
    (
        52,
        "main",
        "dan",
        "Measure twice",
        &[
            ("README.md", "# probe\n\nMeasures everything twice.\n"),
            (
                "probe.py",
                "def measure(sensor):\n    return (sensor.read() + sensor.read()) / 2\n",
            ),
        ],
    ),
    (
        17,
        "main",
        "ana",
        "Keep what was measured",
        &[(
            "store.py",
            "def keep(path, value):\n    with open(path, \"a\") as log:\n        log.write(f\"{value}\\n\")\n",
        )],
    ),
];

const NOTES: &[Told] = &[(
    44,
    "main",
    "dan",
    "Publish the first notes",
    &[(
        "README.md",
        "# Notes\n\n1. Warm sensors drift.\n2. Cold ones lie.\n",
    )],
)];

const DOTFILES: &[Told] = &[(
    49,
    "main",
    "ana",
    "Keep the shell tidy",
    &[("bashrc", "alias ll='ls -l'\nexport EDITOR=vi\n")],
)];

const LAB: &[Told] = &[(
    30,
    "main",
    "ana",
    "Try things here first",
    &[("README.md", "# lab\n\nNothing here has to work.\n")],
)];
