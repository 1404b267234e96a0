#!/usr/bin/env python3
"""Writes operations_ctc.json: CTC losses by PyTorch, decoding by trying all alignments; see operations.py.

    /usr/bin/python3 tests/golden/operations_ctc.py        (Debian: python3-torch, python3-numpy)
"""
import itertools

import numpy as np
import torch

import operations
from operations import case, int32

LOGITS = np.round(np.sin(np.arange(60.0) * 1.7) * 2, 3).reshape(3, 5, 4)


def losses():
    def expect(labels, label_lengths, lengths, blank=0):
        log_p = torch.log_softmax(torch.tensor(LOGITS), -1).transpose(0, 1)
        return torch.nn.functional.ctc_loss(log_p, torch.tensor(labels), torch.tensor(lengths),
                                            torch.tensor(label_lengths), blank=blank, reduction="none").numpy()

    for labels, label_lengths, lengths, rest in [
            ([[1, 2], [3, 3], [2, 0]], [2, 2, 1], [5, 5, 5], []),
            ([[1, 2], [3, 3], [2, 0]], [2, 2, 0], [5, 4, 3], []),
            ([[0, 2, 0], [2, 1, 2], [1, 0, 0]], [3, 3, 1], [5, 5, 4], [{"mask_index": 3}])]:
        blank = rest[0]["mask_index"] if rest else 0
        case("ctc_loss", [int32(labels), LOGITS, int32(label_lengths), int32(lengths)] + rest,
             expect(labels, label_lengths, lengths, blank))


def decode(logits, blank):
    """Each label sequence with its probability, the most probable first."""
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    totals = {}
    for path in itertools.product(range(logits.shape[1]), repeat=logits.shape[0]):
        labels = tuple(k for k, _ in itertools.groupby(path) if k != blank)
        totals[labels] = totals.get(labels, 0) + np.prod([p[t, k] for t, k in enumerate(path)])
    return sorted(totals.items(), key=lambda item: -item[1])


def decoding():
    paths, scores = np.full((3, 3, 5), -1), np.zeros((3, 3))
    for i in range(3):
        for k, (labels, p) in enumerate(decode(LOGITS[i], 0)[:3]):
            paths[k, i, :len(labels)] = labels
            scores[i, k] = np.log(p)
    case("ctc_decode", [LOGITS, [5, 5, 5], {"strategy": "beam_search", "beam_width": 300, "top_paths": 3}],
         [paths.tolist(), scores.tolist()])
    operations.CASES[-1]["results"] = operations.CASES[-1].pop("expected")


if __name__ == "__main__":
    losses()
    decoding()
    operations.write("operations_ctc.json")
