use super::*;
use proptest::prelude::*;

const RULES: Rules = Rules { sure_percent: 60, tell_unsure: true, least_failures: 5, silence_s: 7200, keep_s: 4 * 86_400 };
const SETTLE: i64 = 180;
const LOOK_BACK: i64 = 7200;
const LEAD: i64 = 1800;

fn seen(start: i64, end: i64, mechanism: &str, percent: u8) -> Facts {
    Facts {
        span: Span { start, end },
        layer: Layer::AppQueue,
        mechanism: mechanism.to_owned(),
        root_layer: Layer::App,
        root_mechanism: "slow_requests".to_owned(),
        root_percent: 80,
        percent,
        requests: 1000,
        failed: (end - start).max(5) as u64,
    }
}

fn at(now: i64) -> LookAt {
    let from = now - LOOK_BACK;
    LookAt {
        now,
        whole_from: from + LEAD,
        settled_until: now - SETTLE,
        data: Some(Span { start: from, end: now }),
        complete: true,
    }
}

/// A watch of which only the state machine is real.
#[derive(Default)]
struct Diary {
    known: Vec<Known>,
    steps: Vec<(i64, Do, IncidentId)>,
}

impl Diary {
    fn look(&mut self, look: LookAt, seen: &[Facts]) -> Vec<Do> {
        self.look_by(look, seen, &RULES)
    }

    fn look_by(&mut self, look: LookAt, seen: &[Facts], rules: &Rules) -> Vec<Do> {
        let decision = decide(&self.known, seen, look, rules);
        self.known = decision.known;
        self.steps.extend(decision.steps.iter().map(|s| (look.now, s.what, s.id.clone())));
        decision.steps.into_iter().map(|s| s.what).collect()
    }

    fn told(&self) -> usize {
        self.steps.iter().filter(|(_, what, _)| *what == Do::Tell).count()
    }
}

#[test]
fn an_incident_is_told_once_updated_while_it_lasts_and_closed() {
    let mut d = Diary::default();
    // Its begin is younger than what has settled.
    assert_eq!(d.look(at(10_100), &[seen(10_000, 10_090, "a", 90)]), []);
    assert_eq!(d.look(at(10_200), &[seen(10_000, 10_190, "a", 90)]), [Do::Tell]);
    assert_eq!(d.look(at(10_300), &[seen(10_000, 10_280, "a", 90)]), [Do::Update]);
    assert_eq!(d.look(at(10_400), &[seen(10_000, 10_280, "a", 90)]), []);
    assert_eq!(d.look(at(10_700), &[seen(10_000, 10_280, "a", 90)]), [Do::Close]);
    assert_eq!(d.look(at(11_000), &[seen(10_000, 10_280, "a", 90)]), []);
    // It leaves the look piece by piece, and comes to an end with the memory.
    assert_eq!(d.look(at(10_100 + LOOK_BACK), &[seen(10_100, 10_280, "b", 90)]), []);
    assert_eq!(d.look(at(11_000 + LOOK_BACK), &[]), []);
    assert_eq!(d.known.len(), 1);
    assert_eq!(d.look(at(11_000 + RULES.keep_s), &[]), []);
    assert!(d.known.is_empty());
}

#[test]
fn an_incident_that_is_over_when_it_is_first_seen_is_told_and_closed_at_once() {
    let mut d = Diary::default();
    assert_eq!(d.look(at(20_000), &[seen(18_000, 18_200, "a", 90)]), [Do::Tell, Do::Close]);
    assert!(d.known[0].end_told, "the telling said so");
}

#[test]
fn two_windows_of_one_look_are_two_incidents() {
    let mut d = Diary::default();
    let two = [seen(18_000, 18_200, "a", 90), seen(18_300, 18_500, "a", 90)];
    assert_eq!(d.look(at(20_000), &two), [Do::Tell, Do::Close, Do::Tell, Do::Close]);
    assert_ne!(d.known[0].id, d.known[1].id);
    assert_eq!(d.look(at(20_300), &two), []);
}

#[test]
fn late_data_move_the_window_and_change_the_mechanism_of_the_same_incident() {
    let mut d = Diary::default();
    d.look(at(10_300), &[seen(10_050, 10_250, "a", 90)]);
    assert_eq!(d.look(at(10_550), &[seen(10_000, 10_270, "b", 95)]), [Do::Update]);
    assert_eq!((d.told(), d.known.len()), (1, 1));
    assert_eq!(d.known[0].facts.mechanism, "b");
}

#[test]
fn what_grows_together_was_one_and_what_comes_apart_after_it_was_told_stays_one() {
    let mut d = Diary::default();
    d.look(at(10_500), &[seen(10_000, 10_200, "a", 90), seen(10_300, 10_400, "a", 40)]);
    assert_eq!((d.told(), d.known.len()), (1, 2));
    d.look(at(10_700), &[seen(10_000, 10_400, "a", 90)]);
    assert_eq!((d.told(), d.known.len()), (1, 1), "the second was part of the first");
    let apart = [seen(10_000, 10_150, "a", 90), seen(10_250, 10_400, "a", 90)];
    d.look(at(10_900), &apart);
    assert_eq!((d.told(), d.known.len()), (1, 1));
    assert_eq!(d.known[0].facts.failed, apart[0].failed + apart[1].failed);
    // Another mechanism in the second half is another incident.
    d.look(at(11_000), &[seen(10_000, 10_150, "a", 90), seen(10_250, 10_400, "b", 90)]);
    assert_eq!((d.told(), d.known.len()), (2, 2));
}

#[test]
fn two_that_were_told_and_grow_together_are_not_told_again() {
    let mut d = Diary::default();
    let two = [seen(18_000, 18_200, "a", 90), seen(18_300, 18_500, "b", 90)];
    d.look(at(19_000), &two);
    d.look(at(19_300), &[seen(18_000, 18_500, "a", 90)]);
    d.look(at(19_600), &two);
    d.look(at(19_900), &[seen(18_000, 18_500, "b", 90)]);
    assert_eq!((d.told(), d.known.len()), (2, 2));
    assert!(d.known.iter().all(|k| k.phase == Phase::Closed));
}

#[test]
fn an_unsure_one_is_told_at_its_end_or_not_at_all() {
    for (tell_unsure, told) in [(true, 1), (false, 0)] {
        let mut d = Diary::default();
        let rules = Rules { tell_unsure, ..RULES };
        let one = [seen(10_000, 10_200, "a", 40)];
        assert_eq!(d.look_by(at(10_300), &one, &rules), []);
        d.look_by(at(10_600), &one, &rules);
        d.look_by(at(10_900), &one, &rules);
        assert_eq!(d.told(), told);
        assert_eq!(d.known[0].phase, Phase::Closed);
    }
}

#[test]
fn one_that_late_data_take_back_is_forgotten_but_not_one_whose_logs_are_gone() {
    let mut d = Diary::default();
    d.look(at(10_300), &[seen(10_000, 10_200, "a", 40)]);
    let mut silent = at(10_600);
    silent.complete = false;
    assert_eq!(d.look(silent, &[]), []);
    assert_eq!(d.known.len(), 1, "who does not see all takes nothing back");
    d.look(at(10_700), &[]);
    assert!(d.known.is_empty());

    let mut d = Diary::default();
    d.look(at(10_300), &[seen(10_000, 10_200, "a", 40)]);
    let mut rotated = at(10_700);
    rotated.data = Some(Span { start: 10_500, end: 10_700 });
    assert_eq!(d.look(rotated, &[]), [Do::Tell, Do::Close]);
}

#[test]
fn silence_is_no_end_until_it_is_long() {
    let mut d = Diary::default();
    let one = [seen(10_000, 10_200, "a", 90)];
    let silent = |now: i64| LookAt { data: Some(Span { start: 9000, end: 10_200 }), ..at(now) };
    assert_eq!(d.look(silent(10_600), &one), [Do::Tell]);
    assert_eq!(d.look(silent(12_000), &one), []);
    assert_eq!(d.look(silent(10_200 + SETTLE + RULES.silence_s), &[]), [Do::Close]);
}

#[test]
fn a_look_at_an_earlier_time_takes_nothing_back() {
    let mut d = Diary::default();
    d.look(at(20_000), &[seen(18_000, 19_000, "a", 90)]);
    let before = d.known.clone();
    assert_eq!(d.look(at(18_500), &[seen(18_000, 18_490, "a", 70)]), []);
    assert_eq!(d.known[0].facts, before[0].facts);
}

#[test]
fn few_failures_are_nobodys_incident() {
    let mut d = Diary::default();
    let mut few = seen(18_000, 18_200, "a", 90);
    few.failed = 4;
    assert_eq!(d.look(at(20_000), &[few]), []);
}

/// An incident of the world that random watches look at.
#[derive(Debug, Clone)]
struct Truth {
    start: i64,
    end: i64,
    mechanism: &'static str,
    /// Looks before it is this old see it less surely, and by another name.
    clear_after: i64,
    /// How late its lines arrive.
    late: i64,
}

impl Truth {
    /// What a look at `[from, to)` that is made at `now` sees of it.
    fn seen_at(&self, now: i64, from: i64, to: i64, wobble: i64) -> Option<Facts> {
        let end = self.end.min(now - self.late).min(to);
        let start = (self.start + wobble).max(from);
        let young = to - self.start < self.clear_after;
        let name = if young { "unclear" } else { self.mechanism };
        (end - start >= 20).then(|| seen(start, end, name, if young { 45 } else { 90 }))
    }
}

fn worlds() -> impl Strategy<Value = Vec<Truth>> {
    let one = (300..3000i64, 60..2400i64, 0..3usize, 0..900i64, 0..170i64);
    prop::collection::vec(one, 0..5).prop_map(|parts| {
        let mut at = 100_000;
        parts
            .into_iter()
            .map(|(gap, length, m, clear_after, late)| {
                let start = at + gap;
                at = start + length;
                Truth { start, end: at, mechanism: ["a", "b", "c"][m], clear_after, late }
            })
            .collect()
    })
}

/// Gap to the next look, whether it dies before it has written anything, and how far begins wobble.
fn schedules() -> impl Strategy<Value = Vec<(i64, bool, i64)>> {
    prop::collection::vec((1..3000i64, prop::bool::weighted(0.3), 0..15i64), 1..60)
}

proptest! {
    /// Whenever looks are made, and whichever of them die: each incident is told once, none before its begin has settled, and
    /// in the end all are closed.
    #[test]
    fn each_incident_is_told_once(world in worlds(), schedule in schedules()) {
        let mut d = Diary::default();
        let mut now = 100_000;
        let end = world.iter().map(|t| t.end.max(t.start + t.clear_after)).max().unwrap_or(now);
        let mut schedule = schedule.into_iter().cycle();
        let mut after_end = 0;
        let mut mark = now;
        // A few whole looks after the end; until then as the schedule has it.
        while after_end < 4 {
            let (gap, mut dies, wobble) = schedule.next().expect("it goes round");
            now += gap;
            let settled = now > end + SETTLE + QUIET_S;
            after_end += i64::from(settled);
            dies &= !settled;
            let wobble = if settled { 0 } else { wobble };
            // After long gaps, what lies between is caught up with in steps.
            loop {
                let to = now.min(mark + LOOK_BACK / 2);
                let oldest = d.known.iter().filter(|k| k.phase != Phase::Closed).map(|k| k.facts.span.start - LEAD).min();
                let from = oldest.map_or(to - LOOK_BACK, |o| o.min(to - LOOK_BACK));
                let look = LookAt { whole_from: from + LEAD, data: Some(Span { start: from, end: to }), ..at(to) };
                let sightings: Vec<Facts> = world.iter().filter_map(|t| t.seen_at(now, from, to, wobble)).collect();
                if dies {
                    // What it decided is lost with it, and decided again.
                    let once = decide(&d.known, &sightings, look, &RULES);
                    prop_assert_eq!(once, decide(&d.known, &sightings, look, &RULES));
                    break;
                }
                d.look(look, &sightings);
                mark = mark.max(to - SETTLE);
                if to >= now {
                    break;
                }
            }
        }
        let told: Vec<&(i64, Do, IncidentId)> = d.steps.iter().filter(|(_, what, _)| *what == Do::Tell).collect();
        prop_assert_eq!(told.len(), world.len(), "{:?}", d.steps);
        for truth in &world {
            let mine: Vec<&Known> =
                d.known.iter().filter(|k| k.facts.span.overlap(Span { start: truth.start, end: truth.end }) > 0).collect();
            prop_assert_eq!(mine.len(), 1);
            let (when, _, _) = told.iter().find(|(_, _, id)| *id == mine[0].id).expect("it was told");
            prop_assert!(*when >= truth.start + SETTLE);
            prop_assert_eq!(mine[0].phase, Phase::Closed);
            prop_assert_eq!(mine[0].facts.mechanism.as_str(), truth.mechanism);
        }
        let closed = d.steps.iter().filter(|(_, what, _)| *what == Do::Close).count();
        prop_assert!(closed >= world.len());
    }

    /// Whatever looks see: no incident is told twice, ids stay unique, and what is told is known.
    #[test]
    fn nothing_is_told_twice_whatever_is_seen(
        looks in prop::collection::vec(
            (1..4000i64, prop::collection::vec((0..9000i64, 1..3000i64, 0..3usize, 0..100u8), 0..4)), 1..40)
    ) {
        let mut d = Diary::default();
        let mut now = 100_000;
        for (gap, sightings) in looks {
            now += gap;
            let mut spans: Vec<Facts> = sightings
                .into_iter()
                .map(|(back, length, m, percent)| {
                    let start = now - back;
                    seen(start, (start + length).min(now), ["a", "b", "c"][m], percent)
                })
                .filter(|f| f.span.length() > 0)
                .collect();
            spans.sort_by_key(|f| f.span.start);
            spans.dedup_by(|b, a| a.span.overlap(b.span) > 0);
            d.look(at(now), &spans);
            let mut ids: Vec<&IncidentId> = d.known.iter().map(|k| &k.id).collect();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), d.known.len());
        }
        let mut told: Vec<&IncidentId> = d.steps.iter().filter(|(_, w, _)| *w == Do::Tell).map(|(_, _, id)| id).collect();
        let all = told.len();
        told.sort();
        told.dedup();
        prop_assert_eq!(told.len(), all);
    }
}
