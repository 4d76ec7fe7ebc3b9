//! What outside workers remember, and their jobs.

use store::*;

use super::Engine;

pub fn what_workers_remember_is_kept_and_forgotten(engine: &mut impl Engine) {
    let put = |rows: &[(&str, &[u8])], at_ms| {
        let rows = rows.iter().map(|(owner, body)| ((*owner).to_owned(), body.to_vec())).collect();
        AgentMemoryPut { rows, at_ms }
    };
    let get = |owner: &str| AgentMemoryGet { owner: owner.into() };
    assert_eq!(engine.run(get("a")).unwrap(), None);
    engine.run(put(&[("a", b"one"), ("b", b"two"), ("c", b"three")], 10)).unwrap();
    engine.run(put(&[("a", b"four"), ("b", b"")], 20)).unwrap();
    assert_eq!(engine.run(get("a")).unwrap().as_deref(), Some(b"four".as_slice()));
    assert_eq!(engine.run(get("b")).unwrap(), None, "nothing to remember forgets");
    assert_eq!(engine.run(AgentMemoryPrune { before_ms: 20, limit: 9 }).unwrap(), 1);
    assert_eq!(engine.run(get("c")).unwrap(), None, "it was old");
    assert!(engine.run(get("a")).unwrap().is_some());
}

fn job(id: u128, room: Option<(u128, u64, u32)>) -> AgentJob {
    AgentJob {
        id,
        kind: "write".into(),
        body: b"a poem".to_vec(),
        fallback: b"no poem".to_vec(),
        memory: (id == 1).then(|| "poet".into()),
        given_ms: 10,
        deadline_ms: 100,
        room,
        tag: u64::MAX,
    }
}

fn end(id: u128, worker: Option<&str>, result: &[u8]) -> AgentJobEnd {
    AgentJobEnd { id, kind: "write".into(), worker: worker.map(Into::into), result: result.to_vec() }
}

pub fn a_job_is_given_once_and_ends_once(engine: &mut impl Engine) {
    for id in [1, 2] {
        assert_eq!(engine.run(AgentJobGive { job: job(id, None) }).unwrap(), (id, true));
    }
    assert_eq!(engine.run(AgentJobGive { job: job(1, None) }).unwrap(), (1, false));
    let open = engine.run(AgentJobsOpen { after: 0, limit: 9 }).unwrap();
    assert_eq!(open, [1, 2].map(|id| AgentJobRow { job: job(id, None), done: None }));
    assert_eq!(engine.run(AgentJobsOpen { after: 1, limit: 9 }).unwrap().len(), 1);

    let ends = vec![end(2, Some("ann"), b"roses"), end(7, None, b""), end(1, None, b"no poem")];
    assert_eq!(engine.run(AgentJobsEnd { ends, at_ms: 50 }).unwrap(), [Some(1), None, Some(2)]);
    let again = vec![end(2, None, b"no poem")];
    assert_eq!(engine.run(AgentJobsEnd { ends: again, at_ms: 60 }).unwrap(), [None]);
    let done = engine.run(AgentJobGet { id: 2 }).unwrap().unwrap().done.unwrap();
    let first = AgentJobDone { seq: 1, at_ms: 50, worker: Some("ann".into()), result: b"roses".to_vec() };
    assert_eq!(done, first, "the first end stands");
    assert_eq!(engine.run(AgentJobsOpen { after: 0, limit: 9 }).unwrap(), []);
    let told = engine.run(EventsAfter { seq: 0, limit: 9 }).unwrap();
    let told: Vec<_> =
        told.iter().map(|event| (event.name.as_str(), event.properties.contains("worker"))).collect();
    assert_eq!(told, [(AGENT_JOB_EVENT, true), (AGENT_JOB_EVENT, false)]);

    assert_eq!(engine.run(AgentJobsPrune { before_ms: 50, limit: 9 }).unwrap(), 0);
    assert_eq!(engine.run(AgentJobsPrune { before_ms: 99, limit: 9 }).unwrap(), 1, "the newest end stays");
    engine.run(AgentJobGive { job: job(3, None) }).unwrap();
    let ends = vec![end(3, None, b"")];
    assert_eq!(engine.run(AgentJobsEnd { ends, at_ms: 70 }).unwrap(), [Some(3)], "the order goes on");
}

pub fn rooms_hear_of_their_jobs_in_order(engine: &mut impl Engine) {
    let give = |id, index| AgentJobGive { job: job(id, Some((77, 5, index))) };
    assert!(engine.run(give(1, 0)).unwrap().1);
    assert!(engine.run(give(2, 1)).unwrap().1);
    assert!(!engine.run(give(3, 1)).unwrap().1, "the room sent it once more");
    let ends = vec![end(2, Some("ann"), b"x"), end(1, None, b"y")];
    engine.run(AgentJobsEnd { ends, at_ms: 50 }).unwrap();
    let untold = |after| AgentJobsUntold { after, limit: 9 };
    let ids = |rows: Vec<AgentJobRow>| rows.iter().map(|row| row.job.id).collect::<Vec<_>>();
    assert_eq!(ids(engine.run(untold(0)).unwrap()), [2, 1]);
    assert_eq!(ids(engine.run(untold(1)).unwrap()), [1]);
    assert_eq!(
        engine.run(AgentJobsPrune { before_ms: 99, limit: 9 }).unwrap(),
        0,
        "no room has heard of them"
    );
    engine.run(AgentJobTold { id: 2 }).unwrap();
    assert_eq!(ids(engine.run(untold(0)).unwrap()), [1]);
    assert_eq!(engine.run(AgentJobsPrune { before_ms: 99, limit: 9 }).unwrap(), 1);
}
