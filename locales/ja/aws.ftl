## AWSから得られなかったものと、その対処

aws-no-credentials = AWSの認証情報が見つからない。AWS_PROFILEを設定する、`aws sso login`でログインする、またはロールの付いた環境で実行する（{ $why }）
aws-no-region = AWSのリージョンが未設定。--regionを指定する、AWS_REGIONを設定する、またはfivexx.tomlに`region`を書く
aws-bad-credentials = AWSが認証情報を拒否した（{ $code }）。認証情報を更新し、このマシンの時計を確認する
aws-denied = アクセス拒否：IAM権限{ $permission }がない
aws-no-such-bucket = バケットが存在しない。名前、アカウント、リージョンを確認する
aws-no-such-object = オブジェクトが存在しない。名前、アカウント、リージョンを確認する
aws-no-such-log-group = ロググループが存在しない。名前、アカウント、リージョンを確認する
aws-no-such-topic = トピックが存在しない。名前、アカウント、リージョンを確認する
aws-no-such-load-balancer = ロードバランサーが存在しない。名前、アカウント、リージョンを確認する
aws-other-region = { $service }によれば別のリージョンにある。--regionでそのリージョンを指定する
aws-unreachable = { $service }に接続できない：{ $why }
aws-throttled = { $service }への呼び出しが時間切れまでスロットリングされた。取得量を減らすか、`time_budget`を増やす
aws-timed-out = { $service }が時間内に応答しなかった
aws-budget = time_budget `{ $text }`：{ $why }。90sや2mのように書く
aws-out-of-time = この実行の時間の上限に達した。fivexx.tomlの`time_budget`を増やす
aws-away = { $service }が続けて失敗したため、しばらく呼び出しを止めた
aws-broken = { $service }の応答が途中で切れた：{ $why }
aws-refused = { $permission }が失敗：{ $code }：{ $message }

## メトリクス

aws-no-metric-kept = CloudWatchにこの時間のメトリクスはない。未来の時刻か、455日より前である
aws-no-points = { $from }から{ $to }までデータポイントがない。トラフィックがないか、別のロードバランサーである
aws-still-counted = { $from }以降の分は集計中。示された失敗は使うが、示されないことを回復とはみなさない
aws-only-sums = これほど前の時間については、CloudWatchには{ $minutes }分ごとの合計しかない
aws-metric-forbidden = この認証情報では{ $metric }を読めない
aws-given-in-part = CloudWatchから一部だけ返った
aws-series-not-whole = { $all }系列のうち{ $partial }系列が完全には得られなかった（{ $metrics }）：{ $because }。欠けた分をゼロとはみなさない
aws-cloudwatch-says = CloudWatchからのメッセージ：{ $message }
aws-sent-no-metric = { $load_balancer }は過去2週間メトリクスを送っていない。リージョンを確認する（{ $region }）
aws-target-groups-unknown = ターゲットグループが不明なため、そのホストは調べていない：{ $fault }
aws-no-load-balancer-at-all = { $region }では2週間以内にメトリクスを送ったロードバランサーがない。リージョンとアカウントを確認する
aws-no-load-balancer-but-near = ロードバランサー`{ $wanted }`は{ $region }にない。`{ $near }`の誤りか
aws-no-load-balancer-but-others = ロードバランサー`{ $wanted }`は{ $region }にない。存在するもの：{ $others }

## ロググループ

aws-size-unknown = サイズが不明なため1行ずつ読む：{ $fault }
aws-no-event = 対象時間帯のイベントがない
aws-group-too-dear = 読み込みなし：約{ $bytes }GBは逐次読み込みには多すぎ、Logs Insightsの読み取り量は{ $gb }GB（対象時間帯の{ $readings }回分、${ $dollars }）で、max_scan_gbの残りを超える。--sinceで時間帯を狭めるか、--max-scan-gbを増やす
aws-group-too-large = 読み込みなし：約{ $bytes }GBは逐次読み込みには多すぎ、Logs Insightsで数えられる形の行でもない（JSON、または包まれた行）。--sinceで時間帯を狭める
aws-query-failed = { $format }のクエリが失敗したため、数は実際より少ない：{ $fault }
aws-counted-by-insights = Logs Insightsのクエリ{ $queries }件で集計（読み取り{ $gb }GB）
aws-unseen = このクエリでは見えないもの：{ $parts }
aws-unseen-blocks = 複数行のイベントと、その間の時刻のない行（トレースバック）（{ $signals }）
aws-unseen-last-resorts = ほかに当てはまらないことでしか判別できないイベント（{ $signals }）
aws-unseen-shapes = クエリで切り出せない行（JSON、特殊な形の時刻）（{ $signals }）
aws-unseen-values = メッセージの中の値（{ $signals }）
aws-unseen-wrapped = 包まれた行（調べた{ $all }行のうち{ $wrapped }行）
aws-unseen-quantiles = 分位数と、判定に使わない行
aws-nothing-to-quote = 引用する行を取得していないシグナル：{ $signals }

## アクセスログ

aws-folder-not-listed = アカウント{ $account }のフォルダーを一覧できない：{ $fault }
aws-no-access-log = 対象時間帯のアクセスログがない（{ $root }の{ $days }を調べた）。アクセスログが有効か、プレフィックスが正しいかを確認する
aws-athena-too-dear = Athenaの読み取り量が{ $gb }GBとなり、max_scan_gbの{ $most }GBを超える。新しいオブジェクトだけを読んだ
aws-too-many-access-logs = アクセスログ{ $gb }GBはtime_budget内に読むには多すぎるため、新しいものだけを読んだ。時間帯を狭めるか、[aws.athena]を設定する
aws-objects-not-read = オブジェクト{ $all }件のうち{ $missing }件を読めなかった。最初は{ $key }：{ $fault }
aws-no-alb-parser = パーサー`alb_access`がない
aws-counted-by-athena = Athenaで集計（読み取り{ $gb }GB）。引用できる行と分位数はない
aws-uncut = テーブルの正規表現で切り出せなかった行がこれらの日に{ $shown }行ある（docs/aws.mdを参照）
