"""Writes the hostile HDF5 files of tests/data/hostile_hdf5_spec.lua, as one zip in base64, to standard output.

Needs h5py (python3-h5py of Debian); the suite does not: it has what this wrote."""
import base64
import io
import zipfile

import h5py
import numpy


def soft_link(f):
    f["a"] = h5py.SoftLink("/b")


def external_link(f):
    f["a"] = h5py.ExternalLink("/etc/passwd", "/b")


def cycle(f):
    f.create_group("a")["again"] = f["/"]


def external_storage(f):
    f.create_dataset("a", (4,), "u1", external=[("/etc/passwd", 0, 4)])


def virtual_storage(f):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "b", (4,))
    f.create_virtual_dataset("a", layout)


def huge_shape(f):
    f.create_dataset("a", (1 << 40,), "f4", chunks=(1 << 10,))


def filter_lzf(f):
    f.create_dataset("a", data=numpy.zeros(64, "f4"), chunks=(64,), compression="lzf")


def deep(f):
    f.create_group("/".join("g" * 80))


def many_axes(f):
    f.create_dataset("a", (1,) * 20, "f4")


def compound(f):
    f.create_dataset("a", (2,), [("x", "f4"), ("y", "i4")])


def main():
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for make in (soft_link, external_link, cycle, external_storage, virtual_storage, huge_shape, filter_lzf, deep,
                     many_axes, compound):
            one = io.BytesIO()
            with h5py.File(one, "w", libver="latest") as f:
                make(f)
            archive.writestr(zipfile.ZipInfo(make.__name__), one.getvalue(), zipfile.ZIP_DEFLATED)
    text = base64.b64encode(whole.getvalue()).decode()
    print("\n".join(text[i:i + 118] for i in range(0, len(text), 118)))


main()
