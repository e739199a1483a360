## What of partials could not be used, and what to do.

partial-too-large = it is a Parquet file of more than 4 GiB; write several smaller partials
partial-unreadable = it is a Parquet file that cannot be read: { $error }; make it again
partial-broken-pages = its pages are broken
partial-too-many-rows = its { $rows } rows are more than the { $most } that are read at once
partial-no-column = it is a Parquet file without a column `{ $column }`: no partial of fivexx
partial-no-version =
    { $n ->
        [one] one of its rows has no `version`; write { $version }
       *[other] { $shown } of its rows have no `version`; write { $version }
    }
partial-newer = it is a partial of version { $version }, this fivexx reads up to { $known }: update fivexx here
partial-odd-row = its row { $row } has no sound `{ $column }`; make it again
partial-unread = it was not read where it was scanned
partial-told-twice = it stands { $times } times in { $partial }; write each row once
partial-broken-end = the end of a piece is broken: lines without a time behind it may be placed wrong
partial-overlap = two partials hold what begins at byte { $byte }: the second is left out
partial-gap = bytes { $from } to { $to } are in none of the partials: that part of it was not read
partial-no-parser = no parser is called `{ $parser }` here; give --parsers as the scan had it
partial-no-signal = no parser gives a signal `{ $signal }` here; give --parsers as the scan had it
partial-rows-missing = it tells of { $lines } lines but accounts for { $known }: rows of its partial are missing
