## 部分結果（partial）のうち使用できなかったものと、その対処

partial-too-large = 4 GiBを超えるParquetファイル。小さな部分結果に分けて書き出すこと
partial-unreadable = Parquetファイルを読めない：{ $error }。作り直すこと
partial-broken-pages = ページが壊れている
partial-too-many-rows = 行数{ $rows }が一度に読める上限{ $most }を超えている
partial-no-column = 列`{ $column }`のないParquetファイルであり、fivexxの部分結果ではない
partial-no-version = `version`のない行が{ $shown }行ある。{ $version }を書き込むこと
partial-newer = バージョン{ $version }の部分結果。このfivexxが読めるのは{ $known }まで。こちらのfivexxを更新すること
partial-odd-row = 行{ $row }の`{ $column }`が欠けているか正しくない。作り直すこと
partial-unread = スキャン元で読み込まれなかった
partial-told-twice = { $partial }の中に{ $times }回現れる。各行は一度だけ書き出すこと
partial-broken-end = 断片の末尾の情報が壊れている。その後の時刻のない行は誤った時刻に置かれる可能性がある
partial-overlap = バイト位置{ $byte }から始まる部分が二つの部分結果に含まれている。後のものを除外した
partial-gap = バイト位置{ $from }から{ $to }まではどの部分結果にもない。この部分は読み込まれていない
partial-no-parser = `{ $parser }`という名前のパーサーがここにはない。スキャン時と同じ--parsersを指定すること
partial-no-signal = シグナル`{ $signal }`を出すパーサーがここにはない。スキャン時と同じ--parsersを指定すること
partial-rows-missing = { $lines }行とされているが、内訳は{ $known }行分しかない。部分結果の行が欠けている
