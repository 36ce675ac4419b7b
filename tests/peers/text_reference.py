#!/usr/bin/python3
"""Writes tests/Repro.Training.Tests/Text/text-reference.json: what sacreBLEU (2.6.0) and subword-nmt (0.3.9) say of small texts, and of Multi30k.

Takes the source folders of both, which need not be installed, and the folder of the data sets:

    python3 tests/peers/text_reference.py SACREBLEU SUBWORD_NMT DATA
"""
import gzip
import io
import json
import pathlib
import sys
from unittest import mock

sacrebleu_folder, subword_folder, data = sys.argv[1:4]
sys.path[:0] = [sacrebleu_folder, subword_folder]
# What sacreBLEU imports besides is for downloads, other languages and coloured tables.
for name in ("portalocker", "regex", "tabulate", "colorama", "lxml", "lxml.etree", "numpy", "sacrebleu.version"):
    sys.modules[name] = mock.MagicMock(__version__="2.6.0")

from sacrebleu.metrics import BLEU  # noqa: E402
from subword_nmt.apply_bpe import BPE  # noqa: E402
from subword_nmt.learn_bpe import learn_bpe  # noqa: E402

LINES = [
    "Ein Mann, der \"El Corazon\" liest.",
    "It's 3,000.5 km (about 1,864 miles) - or 10-15% more; isn't it?",
    "a&amp;b &lt;c&gt; &quot;d&quot; &amp;lt; &amp;quot; <skipped>e-mail: x_y@z.de/~u",
    "Die Straße kostet 5.- Euro, z.B. am 1.2.2016 ... !?",
    "„Über“ 🙂, 🙂. 7🙂.5 end.",
    "  tabs\tand\u00a0spaces  ",
    "",
]
PAIRS = [
    ("The dog bit the man.", "The dog had bit the man."),
    ("It wasn't surprising.", "No one was surprised."),
    ("Der Mann hat 2,50 Euro in der Hand.", "Der Mann hält 2,50 Euro in seiner Hand."),
    ("ein Hund rennt", "Ein Hund rennt über die grüne Wiese."),
]
SHORT = [("a b c x", "a b d x y"), ("u v", "u v")]
TOY = [
    "low low low low low lower lower newest newest newest newest newest newest widest widest widest",
    "aaaa aaaa aaa banana bananas ananas",
    "über über übung straße straßen 🙂🙂 🙂🙂 🙂🙂 \ue000\ue000 \ue000\ue000 \ue000\ue000 x x",
]
ENCODED = ["lowest  newer bananana", "  straßen überlowest ", "aaaaa x 🙂🙂🙂", "", "  "]


def score(pairs, **options):
    found = BLEU(**options).corpus_score([h for h, _ in pairs], [[r for _, r in pairs]])
    return {"score": found.score, "precisions": found.precisions, "brevity_penalty": found.bp, "hypothesis_length": found.sys_len, "reference_length": found.ref_len}


def learned(lines, merges, least):
    codes = io.StringIO()
    with mock.patch("sys.stderr"):
        learn_bpe(lines, codes, merges, min_frequency=least)
    return codes.getvalue()


def without_a_word(number, line):
    """The line without the word that its number names: a translation that is nearly right."""
    words = line.split()
    del words[number % len(words)]
    return " ".join(words).lower() if number % 3 == 0 else " ".join(words)


lines = [line.strip() for line in gzip.open(data + "/multi30k/val.de.gz", "rt", encoding="utf-8")]
multi30k = [(without_a_word(i, line), line) for i, line in enumerate(lines)]
codes = learned(TOY, 40, 2)
old = "#version: 0.1\nl o\nlo w\nlow </w>\ne r\ner </w>\n"
result = {
    "tokens_13a": [{"line": line, "tokens": BLEU()._preprocess_segment(line).split()} for line in LINES],
    "scores": [
        {"pairs": pairs, "lowercase": lowercase, **score(pairs, lowercase=lowercase)}
        for pairs in (PAIRS, SHORT, PAIRS[:1]) for lowercase in (False, True)
    ],
    "unsmoothed": [{"pairs": pairs, **score(pairs, smooth_method="none", tokenize="none")} for pairs in (PAIRS, SHORT)],
    "multi30k_val_de": {"mixed": score(multi30k), "lowercase": score(multi30k, lowercase=True)},
    "toy": TOY,
    "codes": [{"merges": merges, "least": least, "codes": learned(TOY, merges, least)} for merges, least in ((40, 2), (5, 2), (40, 3))],
    "encoded": [{"line": line, "encoded": BPE(io.StringIO(codes)).process_line(line)} for line in ENCODED],
    "old_codes": old,
    "encoded_by_old_codes": {"line": "low lower slow er", "encoded": BPE(io.StringIO(old)).process_line("low lower slow er")},
}
target = pathlib.Path(__file__).parent.parent / "Repro.Training.Tests/Text/text-reference.json"
target.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
