## Words and sentences that all writers of the report share.

sure = sure
likely = likely
possible = possible
guess = a guess
