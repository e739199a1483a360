//! Access logs in S3: only the objects of the window, several at once, all objects of one load balancer one source.

mod fetch;
pub(super) mod place;

use futures_util::{StreamExt, stream};
use std::collections::BTreeMap;

use self::fetch::scan_object;
use self::place::{Log, Place, days, interval_end, is_of_window};
use super::action::Action;
use super::choice::{Allowance, Size, Way, choose};
use super::fault::Fault;
use super::{Request, client::Client};
use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::parser::stamp::YearHint;
use crate::parser::tally::FileTally;
use crate::scanned::{Gathered, ScannedFile};
use crate::source::Skipped;

/// Objects that are fetched at once while S3 does not ask to slow down.
const AT_ONCE: usize = 8;

/// Packed bytes a second that are fetched, unpacked and scanned on a small machine.
const BYTES_A_SECOND: f64 = 8e6;

/// An object of the window.
#[derive(Debug, Clone)]
struct Object {
    key: String,
    bytes: i64,
    end: i64,
}

/// The objects of each load balancer's log.
type Logs = BTreeMap<Log, Vec<Object>>;

/// Fetches the access logs that the request names.
pub async fn gather_access_logs(client: &Client, request: &Request, catalog: &Catalog, allowance: &Allowance) -> Gathered {
    let mut gathered = Gathered::default();
    let Some(url) = &request.aws.access_logs else { return gathered };
    let mut skip = |because: Saying| gathered.skipped.push(Skipped { name: url.clone(), because });
    let place = match Place::parse(url) {
        Ok(place) => place,
        Err(because) => {
            skip(because.into());
            return gathered;
        }
    };
    let s3 = client.s3();
    let lister = Lister { client, s3: &s3, place: &place, request };
    let (mut logs, refused) = match lister.logs().await {
        Ok(found) => found,
        Err(fault) => {
            skip(fault.says());
            return gathered;
        }
    };
    for (account, fault) in &refused {
        skip(Saying::with("aws-folder-not-listed", &[("account", account)]).fill("fault", fault.says()));
    }
    if logs.is_empty() && !refused.is_empty() {
        return gathered;
    }
    let bytes: f64 = logs.values().flatten().map(|o| o.bytes as f64).sum();
    if logs.values().all(Vec::is_empty) {
        gathered.empty += 1;
        let days = days(request.from, request.to).join(", ");
        skip(Saying::with("aws-no-access-log", &[("root", &place.root), ("days", &days)]));
        return gathered;
    }
    match choose(&size(client, request, bytes, allowance)) {
        Way::Stream => {}
        Way::Query { gb, dollars } => {
            allowance.take(gb);
            eprintln!("fivexx: {url}: {gb:.1} GB of access logs are read by Athena, for about ${dollars:.2}");
            return super::athena::gather_access_logs(client, request, catalog, url).await;
        }
        Way::TooDear { gb } => {
            let most = request.aws.max_scan_gb.to_string();
            skip(Saying::with("aws-athena-too-dear", &[("gb", &format!("{gb:.1}")), ("most", &most)]));
            keep_newest(&mut logs, streamable(client));
        }
        Way::TooLarge => {
            skip(Saying::with("aws-too-many-access-logs", &[("gb", &format!("{:.1}", bytes / 1e9))]));
            keep_newest(&mut logs, streamable(client));
        }
    }
    for (log, objects) in logs {
        let count = objects.len();
        let (tally, missing) = fetch_all(client, &s3, &place.bucket, objects, catalog).await;
        let name = log.name(&place);
        if let Some((object, fault)) = missing.first() {
            let (missing, all) = (missing.len().to_string(), count.to_string());
            let values = [("missing", missing.as_str()), ("all", all.as_str()), ("key", object.key.as_str())];
            let because = Saying::with("aws-objects-not-read", &values).fill("fault", fault.says());
            gathered.skipped.push(Skipped { name: name.clone(), because });
        }
        if missing.len() < count {
            gathered.files.push(ScannedFile { path: name, tally });
        }
    }
    gathered
}

/// Packed bytes that can be read in the time that is left.
fn streamable(client: &Client) -> f64 {
    BYTES_A_SECOND * client.time_left().as_secs_f64() / 2.0
}

fn size(client: &Client, request: &Request, bytes: f64, allowance: &Allowance) -> Size {
    // Athena reads the folders of whole days.
    let window = (request.to - request.from).max(1) as f64;
    let whole_days = days(request.from, request.to).len() as f64 * 86_400.0;
    let queried = super::athena::is_ready(request).then_some(bytes * (whole_days / window).max(1.0));
    Size { bytes, bytes_a_second: BYTES_A_SECOND, time_left: client.time_left(), queried, max_scan_gb: allowance.left_gb() }
}

/// Leaves the newest objects that together have no more than so many bytes.
fn keep_newest(logs: &mut Logs, most: f64) {
    let mut all: Vec<(i64, i64)> = logs.values().flatten().map(|o| (o.end, o.bytes)).collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    let mut sum = 0.0;
    let since = all.iter().find(|(_, bytes)| {
        sum += *bytes as f64;
        sum > most
    });
    if let Some(&(end, _)) = since {
        logs.values_mut().for_each(|objects| objects.retain(|o| o.end > end));
    }
}

struct Lister<'a> {
    client: &'a Client,
    s3: &'a aws_sdk_s3::Client,
    place: &'a Place,
    request: &'a Request,
}

impl Lister<'_> {
    /// The objects of the window, by load balancer, in the order of their names; and the accounts whose folder is not to be listed: buckets are
    /// shared, and a policy may name one account only.
    async fn logs(&self) -> Result<(Logs, Vec<(String, Fault)>), Fault> {
        let (mut logs, mut refused) = (BTreeMap::new(), Vec::new());
        let accounts = match &self.place.account {
            Some(account) => vec![account.clone()],
            None => self.folders(&self.place.root).await?,
        };
        for account in accounts {
            match self.logs_of(&account).await {
                Ok(own) => logs.extend(own),
                Err(fault) => refused.push((account, fault)),
            }
        }
        Ok((logs, refused))
    }

    async fn logs_of(&self, account: &str) -> Result<Logs, Fault> {
        let mut logs = BTreeMap::new();
        let region = self.place.region.clone().unwrap_or_else(|| self.client.region().to_owned());
        let folder = Log::folder_of(self.place, account, &region);
        let head = Log::head_of(account, &region, self.request.aws.load_balancer.as_deref());
        for day in days(self.request.from, self.request.to) {
            // An underscore ends the load balancer's id and occurs in none: the common prefixes are the load balancers.
            let prefix = format!("{folder}{day}/{head}");
            for found in self.common_prefixes(&prefix, "_").await? {
                let head = found[folder.len() + day.len() + 1..].to_owned();
                let log = Log { folder: folder.clone(), head };
                let objects = self.objects(&log, &day).await?;
                logs.entry(log).or_insert_with(Vec::new).extend(objects);
            }
        }
        Ok(logs)
    }

    /// Names of the folders right under a folder.
    async fn folders(&self, folder: &str) -> Result<Vec<String>, Fault> {
        let all = self.common_prefixes(folder, "/").await?;
        Ok(all.iter().map(|p| p[folder.len()..].trim_end_matches('/').to_owned()).collect())
    }

    async fn common_prefixes(&self, prefix: &str, delimiter: &str) -> Result<Vec<String>, Fault> {
        let (mut found, mut token) = (Vec::new(), None::<String>);
        loop {
            let ask = || {
                let list = self.s3.list_objects_v2().bucket(&self.place.bucket).prefix(prefix).delimiter(delimiter);
                list.set_continuation_token(token.clone()).send()
            };
            let page = self.client.call(Action::ListBucket, ask).await?;
            let prefixes = page.common_prefixes().iter().filter_map(|p| p.prefix());
            found.extend(prefixes.filter(|p| p.starts_with(prefix)).map(str::to_owned));
            token = page.next_continuation_token().map(str::to_owned);
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    /// The objects of a day and of the window.
    async fn objects(&self, log: &Log, day: &str) -> Result<Vec<Object>, Fault> {
        let (from, to) = (self.request.from, self.request.to);
        let (prefix, after) = log.listing(day, from);
        let (mut found, mut token) = (Vec::new(), None::<String>);
        loop {
            let ask = || {
                let list = self.s3.list_objects_v2().bucket(&self.place.bucket).prefix(&prefix);
                let list = if token.is_none() { list.start_after(&after) } else { list };
                list.set_continuation_token(token.clone()).send()
            };
            let page = self.client.call(Action::ListBucket, ask).await?;
            let mut past = false;
            for object in page.contents() {
                let Some((key, end)) = object.key().and_then(|k| Some((k, interval_end(k)?))) else { continue };
                if is_of_window(key, from, to) {
                    found.push(Object { key: key.to_owned(), bytes: object.size().unwrap_or(0), end });
                }
                past |= end > to && !is_of_window(key, from, to);
            }
            token = page.next_continuation_token().map(str::to_owned);
            // Names are listed in the order of their time.
            if token.is_none() || past {
                return Ok(found);
            }
        }
    }
}

/// Reads objects, several at once, into one tally; those that could not be read come back with the reason.
async fn fetch_all(
    client: &Client,
    s3: &aws_sdk_s3::Client,
    bucket: &str,
    mut rest: Vec<Object>,
    catalog: &Catalog,
) -> (FileTally, Vec<(Object, Fault)>) {
    let (mut whole, mut missing, mut at_once) = (FileTally::default(), Vec::new(), AT_ONCE);
    while !rest.is_empty() {
        let later = rest.split_off(rest.len().min(at_once * 4));
        // Made before they are streamed: a stream that maps with a closure could not move between threads.
        let fetch = |object: Object| async {
            let outcome = scan_object(client, s3, bucket, &object.key, catalog, YearHint(object.end * 1000)).await;
            (object, outcome)
        };
        let round: Vec<_> = rest.into_iter().map(fetch).collect();
        let mut round = std::pin::pin!(stream::iter(round).buffered(at_once));
        let mut again = Vec::new();
        while let Some((object, outcome)) = round.next().await {
            match outcome {
                Ok(tally) => whole.absorb(tally),
                // S3 asks to slow down: the object comes again, and fewer at once.
                Err(Fault::Throttled { .. }) if !client.time_left().is_zero() => again.push(object),
                Err(fault) => missing.push((object, fault)),
            }
        }
        if !again.is_empty() {
            at_once = (at_once / 2).max(1);
        }
        again.extend(later);
        rest = again;
    }
    (whole, missing)
}
