"""Write a tiny model of the llama architecture, with answers to check it by.

usage: grow.py little|big, the byte order of the machine it is for. The weights
are random and the same each time. The answer is the greedy continuation of a
few tokens as numpy computes it in double precision: a server that reads the
weights in the wrong order, or computes something else, says other tokens.
"""

import json
import sys

import numpy as np
from gguf import GGUFEndian, GGUFWriter, TokenType

WORDS, WIDTH, HEADS, LAYERS, HIDDEN, CONTEXT = 320, 64, 4, 2, 128, 128
EPSILON, BASE = 1e-5, 10000.0
PROMPT, LENGTH = [1, 70, 300, 105, 33, 271], 24
MARGIN = 0.02  # between the first and the second choice, in logits


def weights(seed):
    random = np.random.RandomState(seed)

    def matrix(rows, columns, scale=1.0):
        return (random.standard_normal((rows, columns)) * scale / np.sqrt(columns)).astype(np.float32)

    out = {"token_embd.weight": matrix(WORDS, WIDTH, 8), "output.weight": matrix(WORDS, WIDTH, 4),
           "output_norm.weight": np.ones(WIDTH, np.float32)}
    for i in range(LAYERS):
        for name, rows, columns in (("attn_q", WIDTH, WIDTH), ("attn_k", WIDTH, WIDTH), ("attn_v", WIDTH, WIDTH),
                                    ("attn_output", WIDTH, WIDTH), ("ffn_gate", HIDDEN, WIDTH),
                                    ("ffn_up", HIDDEN, WIDTH), ("ffn_down", WIDTH, HIDDEN)):
            out[f"blk.{i}.{name}.weight"] = matrix(rows, columns)
        for name in ("attn_norm", "ffn_norm"):
            out[f"blk.{i}.{name}.weight"] = np.ones(WIDTH, np.float32)
    return out


def norm(x):
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + EPSILON)


def rotate(x):
    """Rotary positions, over neighbouring pairs. x: positions, heads, width."""
    n, _, d = x.shape
    angle = np.arange(n)[:, None] * BASE ** (-np.arange(0, d, 2) / d)
    cos, sin = np.cos(angle)[:, None, :], np.sin(angle)[:, None, :]
    out = np.empty_like(x)
    out[..., 0::2] = x[..., 0::2] * cos - x[..., 1::2] * sin
    out[..., 1::2] = x[..., 0::2] * sin + x[..., 1::2] * cos
    return out


def attention(x, w, i):
    n, d = len(x), WIDTH // HEADS
    q, k, v = ((x @ w[f"blk.{i}.attn_{name}.weight"].T).reshape(n, HEADS, d) for name in "qkv")
    scores = np.einsum("qhd,khd->hqk", rotate(q), rotate(k)) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((n, n), bool)), scores, -np.inf)
    p = np.exp(scores - scores.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    return np.einsum("hqk,khd->qhd", p, v).reshape(n, WIDTH) @ w[f"blk.{i}.attn_output.weight"].T


def feed(x, w, i):
    gate = x @ w[f"blk.{i}.ffn_gate.weight"].T
    return (gate / (1 + np.exp(-gate)) * (x @ w[f"blk.{i}.ffn_up.weight"].T)) @ w[f"blk.{i}.ffn_down.weight"].T


def logits(tokens, w):
    x = w["token_embd.weight"][tokens]
    for i in range(LAYERS):
        x = x + attention(norm(x), w, i)
        x = x + feed(norm(x), w, i)
    return norm(x[-1]) @ w["output.weight"].T


def continuation(w):
    """The greedy tokens, and the smallest lead any of them had."""
    w = {name: a.astype(np.float64) for name, a in w.items()}
    tokens, lead = list(PROMPT), np.inf
    for _ in range(LENGTH):
        out = logits(tokens, w)
        first, second = np.argsort(out)[::-1][:2]
        lead = min(lead, out[first] - out[second])
        tokens.append(int(first))
    return tokens[len(PROMPT):], float(lead)


def words():
    """Three of control, one for each byte, the rest made up."""
    yield b"<unk>", -1000.0, TokenType.UNKNOWN
    yield b"<s>", -1000.0, TokenType.CONTROL
    yield b"</s>", -1000.0, TokenType.CONTROL
    for b in range(256):
        yield b"<0x%02X>" % b, 0.0, TokenType.BYTE
    for i in range(WORDS - 259):
        yield "\u2581w{}".format(i).encode(), -float(i), TokenType.NORMAL


def write(path, order, w):
    out = GGUFWriter(path, "llama", endianess=order)
    out.add_name("zlaunch-tests tiny")
    out.add_context_length(CONTEXT)
    out.add_embedding_length(WIDTH)
    out.add_block_count(LAYERS)
    out.add_feed_forward_length(HIDDEN)
    out.add_head_count(HEADS)
    out.add_head_count_kv(HEADS)
    out.add_rope_dimension_count(WIDTH // HEADS)
    out.add_rope_freq_base(BASE)
    out.add_layer_norm_rms_eps(EPSILON)
    out.add_vocab_size(WORDS)
    out.add_file_type(0)
    names, scores, kinds = zip(*words())
    out.add_tokenizer_model("llama")
    out.add_token_list(names)
    out.add_token_scores(scores)
    out.add_token_types(kinds)
    out.add_bos_token_id(1)
    out.add_eos_token_id(2)
    out.add_unk_token_id(0)
    for name, array in w.items():
        out.add_tensor(name, array)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def main(order):
    for seed in range(1000):
        w = weights(seed)
        tokens, lead = continuation(w)
        if lead > MARGIN and len(set(tokens)) > LENGTH // 2 and min(tokens) > 2:
            break
    else:
        sys.exit("no seed gives a clear answer")
    write("/models/model.gguf", GGUFEndian.BIG if order == "big" else GGUFEndian.LITTLE, w)
    with open("/answers/answers.json", "w") as f:
        json.dump({"prompt": PROMPT, "tokens": tokens, "lead": round(lead, 4), "seed": seed, "order": order}, f)


main(sys.argv[1])
