"""What the tests of this folder share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ingest import open_library
from ingest.settings import Settings


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A library for all tests of a file: its index is a process that takes a second to start."""
    library = open_library(tmp_path_factory.mktemp("library"), Settings(embedder="hashing", workers=1))
    yield library
    library.close()


@pytest.fixture
def library(opened):
    """The same, emptied after each test."""
    yield opened
    for kb in opened.kbs():
        opened.remove_kb(kb.name)


def matrix(catalog, kb_id):
    """Ids and vectors of all passages of a knowledge base, as `Vectors.parts` gives them."""
    parts = [(np.empty(0, np.int64), np.empty((0, catalog.vectors.size(kb_id)[1]), np.float32))]
    return tuple(map(np.concatenate, zip(*parts, *catalog.vectors.parts(kb_id), strict=True)))


_SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
    "initializer_range": 0.5,
    "pad_token_id": 0,
}


def _tokenizer():
    """Single characters; pairs are [CLS] a [SEP] b [SEP], of types 0 and 1."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = sorted(set("abcdefghijklmnopqrstuvwxyz0123456789.年假天共有十五一个模型数量的"))
    vocabulary = {token: number for number, token in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split("", "isolated")]
    )
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=64, **names)


@pytest.fixture(scope="session")
def classifier(tmp_path_factory) -> Callable[..., Path]:
    """Makes a tiny classifier of pairs with random weights: `classifier('bert' | 'deberta' | 'modernbert', labels)` gives
    its folder, the same for the same."""

    @functools.cache
    def make(kind: str, labels: tuple[str, ...]) -> Path:
        import torch
        import transformers

        folder = tmp_path_factory.mktemp(kind)
        fast = _tokenizer()
        named = {"id2label": dict(enumerate(labels)), "label2id": {label: n for n, label in enumerate(labels)}}
        torch.manual_seed(11)
        if kind == "bert":  # reads token types
            config = transformers.BertConfig(vocab_size=len(fast), **_SIZES, **named)
            model = transformers.BertForSequenceClassification(config)
            fast.model_input_names = ["input_ids", "attention_mask", "token_type_ids"]
        elif kind == "deberta":  # mDeBERTa-XNLI's kind
            more = {"relative_attention": True, "position_buckets": 16, "norm_rel_ebd": "layer_norm"}
            more |= {"share_att_key": True, "pos_att_type": ["p2c", "c2p"], "position_biased_input": False}
            config = transformers.DebertaV2Config(vocab_size=len(fast), type_vocab_size=0, **_SIZES, **more, **named)
            model = transformers.DebertaV2ForSequenceClassification(config)
        elif kind == "modernbert":  # LettuceDetect's kind
            config = transformers.ModernBertConfig(vocab_size=len(fast), local_attention=16, **_SIZES, **named)
            model = transformers.ModernBertForTokenClassification(config)
        else:  # no classifier at all
            config = transformers.BertConfig(vocab_size=len(fast), **_SIZES)
            model = transformers.BertModel(config)
        model.eval().save_pretrained(folder)
        fast.save_pretrained(folder)
        return folder

    return make
