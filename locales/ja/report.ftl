## レポートの共通の語句

sure = 確実
likely = ほぼ確実
possible = 可能性あり
guess = 推測
