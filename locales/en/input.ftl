## Why an input was not read, or not to its end.

skip-no-such-file = there is no such file
skip-not-written = it was not written for longer than is kept
skip-compressed = it is compressed, and does not grow: read it with `fivexx analyze`
skip-saved-answer = it is a saved answer, and does not grow: read it with `fivexx analyze`
skip-no-such-folder = there is no folder { $folder }
skip-did-you-mean = { $missing }; did you mean { $path }?
skip-no-look = it cannot be looked at
skip-device = it is a device, a pipe or a socket, not a log; what comes out of a pipe can be given to `-`
skip-pipe = it is a device, a pipe or a socket
skip-link-loop = a link leads back to its own folder
skip-no-glob = it is no path and no glob
skip-no-match = no file matches
skip-not-opened = cannot be opened: { $error }
skip-not-read = cannot be read: { $error }
skip-not-read-to-end = cannot be read to its end: { $error }
skip-empty = it is empty
skip-utf16 = it is UTF-16, which cannot be followed: read it with `fivexx analyze`
skip-no-text = it is no text (a picture, an archive, a program?)
skip-nothing-understood =
    { $n ->
        [one] its one line is not understood
       *[other] none of its { $shown } lines is understood
    }
skip-access-log =
    { $n ->
        [one] its one line is not understood; if it is an access log of your own format, give nginx.conf or uwsgi.ini too, or --nginx-format or --uwsgi-format
       *[other] none of its { $shown } lines is understood; if it is an access log of your own format, give nginx.conf or uwsgi.ini too, or --nginx-format or --uwsgi-format
    }
skip-outside = all its lines lie outside the time asked for
skip-older =
    { $n ->
        [one] { $shown } older file, last written before the time looked at
       *[other] { $shown } older files, last written before the time looked at
    }
reading-ended-early = reading ended early: { $error }; what came before was analysed
format-used = configuration: its { $directive } `{ $name }` is used
format-not-used = configuration: its { $directive } `{ $name }` cannot be used: { $error }
unpacking-ended-early = unpacking ended early: { $error }; what came before was analysed
skip-same-file = it is the same file as { $path }, which is read
skip-more =
    { $n ->
        [one] { $shown } more
       *[other] { $shown } more
    }
skip-of-a-kind = { $n } × { $because }
shorter-while-read = it became shorter while it was read, as when a log is copied and truncated: { $had } of { $was } bytes were there
unpacks-too-far = it unpacks to more than { $times } times its size ({ $unpacked } MiB out of { $packed } KiB so far): no log packs like that; if it is one, raise `--max-expansion`
