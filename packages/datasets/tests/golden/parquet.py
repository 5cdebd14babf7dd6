"""Writes the Parquet files beside it, as pyarrow and DuckDB write images and labels.

usage: python3 parquet.py (pyarrow 25.0.1, duckdb 1.5.6)
"""

import json
import pathlib

import duckdb
import pyarrow
import pyarrow.parquet

here = pathlib.Path(__file__).parent
names = ["healthy", "rust", "spot"]


def content(number):
    """Bytes of an image, as parquet-of.ts has them; every fifth row repeats an earlier one, so that dictionaries are written."""
    return bytes((137 + 31 * number + 7 * i) % 256 for i in range(40))


rows = [{"bytes": content(i % 5), "path": f"{i}.jpg"} for i in range(12)]
labels = [None if i == 7 else i % 3 for i in range(12)]

# As the library "datasets" writes it for the Hugging Face hub.
features = {"image": {"_type": "Image"}, "label": {"names": names, "_type": "ClassLabel"}}
schema = pyarrow.schema(
    [
        ("image", pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])),
        ("label", pyarrow.int64()),
    ],
    metadata={"huggingface": json.dumps({"info": {"features": features}})},
)
table = pyarrow.table({"image": rows, "label": labels}, schema=schema)
write = pyarrow.parquet.write_table
write(table, here / "pyarrow-snappy.parquet", compression="snappy", row_group_size=5)
write(
    table,
    here / "pyarrow-gzip-v2.parquet",
    compression="gzip",
    use_dictionary=False,
    data_page_version="2.0",
    column_encoding={"image.bytes": "DELTA_LENGTH_BYTE_ARRAY", "image.path": "DELTA_BYTE_ARRAY", "label": "DELTA_BINARY_PACKED"},
)
write(table, here / "pyarrow-plain.parquet", compression="none", use_dictionary=False, data_page_size=64)

duckdb.sql("SET threads = 1")
duckdb.sql("CREATE TABLE images (image STRUCT(bytes BLOB, path VARCHAR), label INTEGER)")
for row, label in zip(rows, labels):
    duckdb.execute("INSERT INTO images VALUES (struct_pack(bytes := ?::BLOB, path := ?), ?)", [row["bytes"], row["path"], label])
for codec in ["snappy", "gzip", "uncompressed"]:
    duckdb.sql(f"COPY images TO '{here}/duckdb-{codec}.parquet' (FORMAT parquet, COMPRESSION {codec})")
duckdb.sql(f"COPY images TO '{here}/duckdb-v2.parquet' (FORMAT parquet, COMPRESSION brotli, PARQUET_VERSION v2)")
