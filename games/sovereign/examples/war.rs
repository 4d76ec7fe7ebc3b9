//! A war of computers, run as fast as it goes and drawn in letters now and then: to see how it feels when its numbers are
//! changed. `cargo run --release -p sovereign --example war -- '{"size":"medium"}' [seed] [seconds between two drawings]`

use kernel::{At, Event, Outbox, Rules};
use sovereign::{Kind, NationId, Phase, Sovereign, War};

/// Columns of a drawing.
const COLUMNS: u32 = 110;
/// Steps of a war that is given up: 70 minutes.
const STEPS_MAX: u64 = 70 * 60 * 20;

fn main() {
    let mut words = std::env::args().skip(1);
    let setup = words.next().unwrap_or_else(|| r#"{"size":"medium"}"#.into());
    let seed = words.next().and_then(|word| word.parse().ok()).unwrap_or(1);
    let every: u64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(120);
    let rules = Sovereign;
    let mut war = rules.open(at(0), setup.as_bytes(), seed).unwrap_or_else(|refusal| panic!("{refusal}"));
    let began = std::time::Instant::now();
    let mut last = 0;
    for step in 1..=STEPS_MAX {
        rules.pass(&mut war, at(step), &mut Outbox::for_replay());
        if step % 20 == 0 {
            // As the house does it: without an input now and then the war would stand still.
            rules.execute(&mut war, at(step), Event::Advance, &mut Outbox::for_replay());
        }
        last = step;
        let over = matches!(war.phase(), Phase::Over(..));
        if over || (every > 0 && step % (every * 20) == 0) {
            draw(&war);
        }
        if over {
            break;
        }
    }
    println!("{last} steps ({}) took {} ms: {:?}", clock(last), began.elapsed().as_millis(), war.phase());
}

fn at(step: u64) -> At {
    At { ms: step as i64 * 50, step }
}

fn clock(step: u64) -> String {
    format!("{}:{:02}", step / 1_200, step / 20 % 60)
}

/// The ten largest, and the map: rivals are large letters, tribes small ones, people digits, wild land dots.
fn draw(war: &War) {
    let alive = |kind: fn(&Kind) -> bool| {
        war.nations().iter().filter(|nation| nation.is_alive() && kind(&nation.kind)).count()
    };
    let wild = war
        .land()
        .owners()
        .zip(war.map().ground())
        .filter(|(owner, ground)| *owner == 0 && **ground >= 128)
        .count();
    println!(
        "\n{} rivals {} tribes {} people {} wild {} %  attacks {}",
        clock(u64::from(war.step())),
        alive(|kind| matches!(kind, Kind::Rival(_))),
        alive(|kind| matches!(kind, Kind::Tribe)),
        alive(|kind| matches!(kind, Kind::Player(_))),
        wild * 100 / war.map().land().max(1) as usize,
        war.attacks().len(),
    );
    let mut order: Vec<_> = war.nations().iter().filter(|nation| nation.is_alive()).collect();
    order.sort_by_key(|nation| std::cmp::Reverse(nation.tiles));
    for nation in order.iter().take(8) {
        let allies: Vec<String> = war
            .nations()
            .iter()
            .filter(|other| other.id != nation.id && war.allied(nation.id, other.id))
            .map(|other| letter(war, other.id).to_string())
            .collect();
        let fights: Vec<String> = war
            .attacks()
            .iter()
            .filter(|attack| attack.from == nation.id)
            .map(|attack| format!("{}:{}", letter(war, attack.on), attack.troops))
            .collect();
        println!(
            "{} {:3} % troops {:7} of {:7} gold {:8} built {:?} allies {} fights {}",
            letter(war, nation.id),
            u64::from(nation.tiles) * 100 / u64::from(war.map().land()),
            nation.troops,
            war.cap(nation.id),
            nation.gold,
            nation.built,
            allies.join(""),
            fights.join(" "),
        );
    }
    let cell = war.map().width().div_ceil(COLUMNS).max(1);
    for y in (cell / 2..war.map().height()).step_by(cell as usize * 2) {
        let row: String = (cell / 2..war.map().width())
            .step_by(cell as usize)
            .filter_map(|x| war.map().at(x, y))
            .map(|tile| if war.map().is_land(tile) { letter(war, war.land().owner(tile)) } else { ' ' })
            .collect();
        println!("{row}");
    }
}

fn letter(war: &War, id: NationId) -> char {
    let Some(nation) = war.nation(id) else { return '.' };
    let pick = |letters: &str| letters.chars().nth(usize::from(id.0) % letters.len()).unwrap_or('?');
    match nation.kind {
        Kind::Rival(_) => pick("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        Kind::Tribe => pick("abcdefghijklmnopqrstuvwxyz"),
        Kind::Player(_) => pick("0123456789"),
    }
}
