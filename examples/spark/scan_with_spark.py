#!/usr/bin/env python3
"""Scan logs on a Spark cluster: each task reads a stretch of a log through `fivexx scan -`, Spark writes the partials.

    spark-submit scan_with_spark.py --out /data/partials '/data/logs/**'
    fivexx analyze '/data/partials/*.parquet' -o report.md

The executors need three things: the logs under the same path (a shared or a distributed file system that is mounted), `fivexx` on their
PATH (or --fivexx), and pyarrow. Large plain files are cut into stretches of whole lines; what is compressed is read whole.
"""

import argparse
import datetime
import glob
import io
import os
import subprocess

# As docs/partials.md has it; integers are 64 bits wide.
SCHEMA = (
    "version long, path string, offset long, kind string, source long, parser string, host string, signal string, second long, "
    "name string, text string, line long, count long, sum double, min double, max double, bytes binary"
)
COLUMNS = [column.strip().split(" ")[0] for column in SCHEMA.split(",")]


def tasks(patterns, split, root):
    """What there is to scan: (file, name in reports, first byte, end)."""
    for pattern in patterns:
        # The executors run in folders of their own.
        for path in sorted(map(os.path.abspath, glob.glob(pattern, recursive=True))):
            if not os.path.isfile(path):
                continue
            name, size = os.path.relpath(path, root), os.path.getsize(path)
            if not splittable(path):
                yield path, name, None, None
                continue
            for begin in range(0, max(size, 1), split):
                yield path, name, begin, min(begin + split, size)


def splittable(path):
    """Whether a file may be read from the middle: it is neither packed nor one JSON document."""
    with open(path, "rb") as file:
        head = file.read(4)
    return not (head[:2] == b"\x1f\x8b" or head == b"\x28\xb5\x2f\xfd" or head[:1] in (b"{", b"["))


def stretch(path, begin, end):
    """The whole lines that begin in [begin, end): first byte and blocks."""
    with open(path, "rb") as file:
        if begin > 0:
            # The line that `begin` lies in belongs to the stretch before, unless it begins just there.
            file.seek(begin - 1)
            file.readline()
        first = file.tell()

        def blocks(left):
            while left > 0:
                block = file.read(min(left, 1 << 20))
                if not block:
                    return
                left -= len(block)
                if left == 0 and not block.endswith(b"\n"):
                    block += file.readline()
                yield block

        yield first
        yield from blocks(end - first)


def scan(some, fivexx):
    """Runs in the executors: the rows of the partials of some tasks."""
    import pyarrow.parquet

    for path, name, begin, end in some:
        modified = datetime.datetime.fromtimestamp(os.path.getmtime(path), datetime.timezone.utc)
        command = [fivexx, "scan", "-", "--name", name, "--modified", modified.strftime("%Y-%m-%dT%H:%M:%SZ"), "-o", "-"]
        if begin is None:
            with open(path, "rb") as file:
                done = subprocess.run(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        else:
            blocks = stretch(path, begin, end)
            first = next(blocks)
            # A stretch that lies within one long line has nothing of its own.
            if first >= end:
                continue
            child = subprocess.Popen(
                command + ["--offset", str(first)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            # The partial comes when the log has ended: nothing waits for both ends of the pipe.
            for block in blocks:
                child.stdin.write(block)
            out, err = child.communicate()
            done = subprocess.CompletedProcess(command, child.returncode, out, err)
        # 3: nothing in it was readable; the partial says so.
        if done.returncode not in (0, 3):
            raise RuntimeError(f"fivexx scan of {path} failed: {done.stderr.decode(errors='replace')}")
        table = pyarrow.parquet.read_table(io.BytesIO(done.stdout))
        for batch in table.select(COLUMNS).to_batches():
            yield from zip(*(column.to_pylist() for column in batch.columns))


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("logs", nargs="+", help="globs; ** goes into folders")
    args.add_argument("--out", required=True, help="folder that Spark writes the partials to")
    args.add_argument("--root", default="/", help="folder that paths in reports are relative to")
    args.add_argument("--split", type=int, default=128 << 20, help="bytes of a stretch (default 128 MiB)")
    args.add_argument("--files", type=int, default=16, help="Parquet files to write (default 16)")
    args.add_argument("--fivexx", default="fivexx", help="the program, as the executors find it")
    args = args.parse_args()

    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("fivexx scan").getOrCreate()
    todo = list(tasks(args.logs, args.split, args.root))
    if not todo:
        raise SystemExit("no file matches")
    fivexx = args.fivexx
    out = args.out if "://" in args.out else os.path.abspath(args.out)
    rows = spark.sparkContext.parallelize(todo, len(todo)).mapPartitions(lambda some: scan(some, fivexx))
    spark.createDataFrame(rows, SCHEMA).repartition(args.files).write.mode("overwrite").parquet(out)
    # The partials are a table like any other: failures a minute, before any report.
    spark.read.parquet(out).createOrReplaceTempView("partials")
    spark.sql(
        "SELECT signal, sum(count) AS n FROM partials WHERE kind = 'cell' GROUP BY signal ORDER BY n DESC, signal LIMIT 10"
    ).show(truncate=False)
    print(f"{len(todo)} tasks over {spark.sparkContext.master}")
    spark.stop()


if __name__ == "__main__":
    main()
