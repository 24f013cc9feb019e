//! How much does a shared interest say? The fewer mentors have it, the more.
use super::roster::Word;

/// Rarity of an interest that every mentor has. One halving of the number of mentors adds as much again.
const UNIT: u64 = 256;

/// For each word, 256 x (1 + log2(mentors / mentors with that interest)), in integers: floats would make
/// scores depend on the machine.
pub fn of_words<'a>(words: usize, interests: impl Iterator<Item = &'a [Word]>) -> Vec<u64> {
    let mut holders = vec![0_u64; words];
    let mut mentors = 0_u64;
    for person in interests {
        mentors += 1;
        for &word in person {
            if let Some(count) = usize::try_from(word).ok().and_then(|word| holders.get_mut(word)) {
                *count += 1;
            }
        }
    }
    holders.into_iter().map(|count| weigh(mentors, count)).collect()
}

/// The rarity of an interest that so many of the mentors have.
pub fn weigh(mentors: u64, holders: u64) -> u64 {
    UNIT + log2(mentors.max(1), holders.max(1))
}

/// The rarity of one word.
pub fn of(rarity: &[u64], word: Word) -> u64 {
    usize::try_from(word).ok().and_then(|word| rarity.get(word)).copied().unwrap_or(UNIT)
}

/// log2(whole / part) in 256ths, rounded down; `part` is from 1 to `whole`, which is below 2^32.
fn log2(whole: u64, part: u64) -> u64 {
    const ONE: u64 = 1 << 24;
    let mut ratio = whole * ONE / part;
    let mut result = 0;
    while ratio >= 2 * ONE {
        ratio /= 2;
        result += 1;
    }
    // Squaring doubles the logarithm: its next binary digit is whether the square passes 2.
    for _ in 0..8 {
        ratio = ratio * ratio / ONE;
        result *= 2;
        if ratio >= 2 * ONE {
            ratio /= 2;
            result += 1;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halving_of_holders_adds_one_unit() {
        assert_eq!(log2(64, 64), 0);
        assert_eq!(log2(64, 32), 256);
        assert_eq!(log2(64, 1), 6 * 256);
        assert_eq!(log2(3, 1), 405); // 256 x 1.58496 = 405.75
        assert_eq!(log2(10_000, 9_999), 0);
    }

    #[test]
    fn rarer_words_count_more() {
        let mentors: [&[Word]; 4] = [&[0, 1, 2], &[0, 1], &[0], &[0]];
        assert_eq!(of_words(4, mentors.into_iter()), [256, 512, 768, 768]);
        assert_eq!(of_words(1, std::iter::empty()), [256]);
    }
}
