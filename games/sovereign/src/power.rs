//! Powers with a fraction, in whole numbers: straight lines between the powers of two, the same on every machine.

/// 1,000 × 2^(0.6 e).
const SIX: [u64; 41] = [
    1000,
    1516,
    2297,
    3482,
    5278,
    8000,
    12126,
    18379,
    27858,
    42224,
    64000,
    97006,
    147033,
    222861,
    337794,
    512000,
    776047,
    1176267,
    1782888,
    2702352,
    4096000,
    6208375,
    9410137,
    14263100,
    21618818,
    32768000,
    49667000,
    75281095,
    114104803,
    172950541,
    262144000,
    397336004,
    602248763,
    912838427,
    1383604327,
    2097152000,
    3178688029,
    4817990105,
    7302707420,
    11068834616,
    16777216000,
];

/// 1,000 × 2^(0.73 e).
const SEVENTY_THREE: [u64; 41] = [
    1000,
    1659,
    2751,
    4563,
    7568,
    12553,
    20821,
    34535,
    57282,
    95010,
    157586,
    261379,
    433534,
    719076,
    1192687,
    1978238,
    3281182,
    5442297,
    9026807,
    14972214,
    24833500,
    41189814,
    68319036,
    113316624,
    187951382,
    311743510,
    517069972,
    857632469,
    1422502739,
    2359418651,
    3913424009,
    6490958043,
    10766156752,
    17857168455,
    29618597665,
    49126563927,
    81483239366,
    135151286126,
    224167206452,
    371812491682,
    616702733460,
];

/// 1,000 × x^0.6, a little less between powers of two.
pub fn six(x: u64) -> u64 {
    between(x, &SIX)
}

/// 1,000 × x^0.73, a little less between powers of two.
pub fn seventy_three(x: u64) -> u64 {
    between(x, &SEVENTY_THREE)
}

fn between(x: u64, table: &[u64; 41]) -> u64 {
    if x == 0 {
        return 0;
    }
    // Numbers beyond the table count as its end.
    let x = x.min((1 << 40) - 1);
    let e = x.ilog2() as usize;
    let (low, high) = (table[e], table[e + 1]);
    low + ((u128::from(high - low) * u128::from(x - (1 << e))) >> e) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_near_the_true_ones_and_never_fall() {
        for (x, sixth, seventh) in
            [(1_u64, 1_000_u64, 1_000_u64), (100, 15_848, 28_840), (10_000, 251_188, 831_763)]
        {
            let near = |got: u64, want: u64| got <= want && got * 100 >= want * 97;
            assert!(near(six(x), sixth), "{x}^0.6 = {}", six(x));
            assert!(near(seventy_three(x), seventh), "{x}^0.73 = {}", seventy_three(x));
        }
        let mut last = (0, 0);
        for x in (0..5_000).chain([1 << 39, (1 << 40) - 1, 1 << 40, u64::MAX]) {
            let now = (six(x), seventy_three(x));
            assert!(now.0 >= last.0 && now.1 >= last.1, "at {x}");
            last = now;
        }
    }
}
