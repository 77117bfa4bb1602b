//! One pass over responses: integer counts per cell, question and answer, that merge.
//!
//! Memory depends on cells, questions and levels, not on how many responses there are;
//! only joint counts grow with the combinations that occur.

use std::collections::HashMap;

/// Questions that one joint count may span: a key is one byte each.
pub const JOINT_QUESTIONS_MAX: usize = 8;
/// Levels of a question, so that a set of them fits an integer.
pub const LEVELS_MAX: usize = 64;

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How many cells there are.
    pub cells: usize,
    /// Levels of each question; 0 for numbers and texts.
    pub levels: Vec<usize>,
    /// Groups of questions that are counted together: cross-tables, paired items, indexes.
    pub joint: Vec<Vec<usize>>,
}

/// One answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    /// Was asked, and left it.
    Missing,
    /// Was not asked (a condition hid it).
    NotAsked,
    /// Says that they do not know.
    DontKnow,
    /// Does not want to say.
    Refused,
    /// One level.
    Level(u8),
    /// Several levels, as bits.
    Levels(u64),
    /// A number.
    Number(f64),
    /// Words; only counted here.
    Words,
}

/// Why a response is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountsFault {
    /// A plan with too many levels or joint questions, or that names what it lacks.
    Plan,
    /// The response has another number of answers, or no such cell.
    Shape,
    /// The answer names no level of its question, or is no finite number.
    Answer {
        /// Which question.
        question: usize,
    },
}

/// How a question was met in one cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Met {
    /// Gave an answer.
    pub answered: u64,
    /// Does not know.
    pub dont_know: u64,
    /// Does not want to say.
    pub refused: u64,
    /// Left it.
    pub missing: u64,
    /// Was not asked.
    pub not_asked: u64,
}

impl Met {
    fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.dont_know += other.dont_know;
        self.refused += other.refused;
        self.missing += other.missing;
        self.not_asked += other.not_asked;
    }
}

/// Numbers, summed stably (Welford; merged as Chan, Golub and LeVeque do).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    /// How many.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// Σ (x − mean)².
    pub squares: f64,
}

impl Moments {
    fn add(&mut self, x: f64) {
        self.n += 1;
        let gap = x - self.mean;
        self.mean += gap / self.n as f64;
        self.squares += gap * (x - self.mean);
    }

    fn merge(&mut self, other: Self) {
        let n = self.n + other.n;
        if n > 0 {
            let gap = other.mean - self.mean;
            self.mean += gap * other.n as f64 / n as f64;
            self.squares += other.squares + gap * gap * self.n as f64 * other.n as f64 / n as f64;
        }
        self.n = n;
    }
}

/// The counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    plan: Plan,
    respondents: Vec<u64>,
    /// (cell, question), cells first.
    met: Vec<Met>,
    /// (cell, question's levels), cells first.
    levels: Vec<u64>,
    /// Where each question's levels begin within a cell; one more at the end.
    offsets: Vec<usize>,
    numbers: Vec<Moments>,
    joint: Vec<HashMap<(u32, u64), u64>>,
}

impl Counts {
    /// Nothing counted yet.
    pub fn new(plan: Plan) -> Result<Self, CountsFault> {
        let questions = plan.levels.len();
        let is_joint_fit = |group: &Vec<usize>| {
            group.len() <= JOINT_QUESTIONS_MAX && group.iter().all(|q| *q < questions)
        };
        if plan.levels.iter().any(|levels| *levels > LEVELS_MAX)
            || !plan.joint.iter().all(is_joint_fit)
            || u32::try_from(plan.cells).is_err()
        {
            return Err(CountsFault::Plan);
        }
        let mut offsets = vec![0];
        for levels in &plan.levels {
            offsets.push(offsets[offsets.len() - 1] + levels);
        }
        Ok(Self {
            respondents: vec![0; plan.cells],
            met: vec![Met::default(); plan.cells * questions],
            levels: vec![0; plan.cells * offsets[questions]],
            numbers: vec![Moments::default(); questions],
            joint: vec![HashMap::new(); plan.joint.len()],
            offsets,
            plan,
        })
    }

    /// Counts one response; a wrong one changes nothing.
    pub fn add(&mut self, cell: usize, answers: &[Answer]) -> Result<(), CountsFault> {
        if cell >= self.plan.cells || answers.len() != self.plan.levels.len() {
            return Err(CountsFault::Shape);
        }
        for (question, (answer, levels)) in answers.iter().zip(&self.plan.levels).enumerate() {
            if !is_fit(*answer, *levels) {
                return Err(CountsFault::Answer { question });
            }
        }
        self.respondents[cell] += 1;
        for (question, answer) in answers.iter().enumerate() {
            self.add_answer(cell, question, *answer);
        }
        for (group, counts) in self.plan.joint.iter().zip(&mut self.joint) {
            let key = group
                .iter()
                .fold(0, |key, q| key << 8 | u64::from(code(answers[*q])));
            *counts.entry((cell as u32, key)).or_default() += 1;
        }
        Ok(())
    }

    fn add_answer(&mut self, cell: usize, question: usize, answer: Answer) {
        let start = cell * self.offsets[self.plan.levels.len()] + self.offsets[question];
        let met = &mut self.met[cell * self.plan.levels.len() + question];
        match answer {
            Answer::Missing => met.missing += 1,
            Answer::NotAsked => met.not_asked += 1,
            Answer::DontKnow => met.dont_know += 1,
            Answer::Refused => met.refused += 1,
            Answer::Words => met.answered += 1,
            Answer::Level(level) => {
                met.answered += 1;
                self.levels[start + usize::from(level)] += 1;
            }
            Answer::Levels(mut bits) => {
                met.answered += 1;
                while bits != 0 {
                    self.levels[start + bits.trailing_zeros() as usize] += 1;
                    bits &= bits - 1;
                }
            }
            Answer::Number(x) => {
                met.answered += 1;
                self.numbers[question].add(x);
            }
        }
    }

    /// Adds another's counts. False, and nothing done, when its plan is another.
    pub fn merge(&mut self, other: &Self) -> bool {
        if self.plan != other.plan {
            return false;
        }
        let add = |mine: &mut [u64], theirs: &[u64]| {
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        };
        add(&mut self.respondents, &other.respondents);
        add(&mut self.levels, &other.levels);
        self.met
            .iter_mut()
            .zip(&other.met)
            .for_each(|(a, b)| a.add(*b));
        self.numbers
            .iter_mut()
            .zip(&other.numbers)
            .for_each(|(a, b)| a.merge(*b));
        for (mine, theirs) in self.joint.iter_mut().zip(&other.joint) {
            for (key, count) in theirs {
                *mine.entry(*key).or_default() += count;
            }
        }
        true
    }

    /// What is counted.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Respondents per cell.
    pub fn respondents(&self) -> &[u64] {
        &self.respondents
    }

    /// How a question was met in a cell.
    pub fn met(&self, cell: usize, question: usize) -> Met {
        self.met[cell * self.plan.levels.len() + question]
    }

    /// How a question was met in these cells together.
    pub fn met_in(&self, cells: &[usize], question: usize) -> Met {
        cells.iter().fold(Met::default(), |mut sum, cell| {
            sum.add(self.met(*cell, question));
            sum
        })
    }

    /// Counts of a question's levels in a cell.
    pub fn levels(&self, cell: usize, question: usize) -> &[u64] {
        let start = cell * self.offsets[self.plan.levels.len()];
        &self.levels[start + self.offsets[question]..start + self.offsets[question + 1]]
    }

    /// Counts of a question's levels in these cells together.
    pub fn levels_in(&self, cells: &[usize], question: usize) -> Vec<u64> {
        let mut sums = vec![0; self.plan.levels[question]];
        for cell in cells {
            let levels = self.levels(*cell, question).iter();
            sums.iter_mut().zip(levels).for_each(|(sum, n)| *sum += n);
        }
        sums
    }

    /// A question's numbers, all cells together.
    pub fn numbers(&self, question: usize) -> Moments {
        self.numbers[question]
    }

    /// Lines of a joint count in a fixed order: cell, a level (or `None`) for each of its
    /// questions, how many.
    pub fn joint(&self, index: usize) -> Vec<(usize, Vec<Option<usize>>, u64)> {
        let width = self.plan.joint[index].len();
        let mut lines: Vec<_> = self.joint[index].iter().collect();
        lines.sort_unstable();
        let levels = |key: u64| {
            let byte = |at: usize| (key >> (8 * (width - 1 - at)) & 0xff) as usize;
            (0..width).map(|at| byte(at).checked_sub(1)).collect()
        };
        let line = |(key, n): (&(u32, u64), &u64)| (key.0 as usize, levels(key.1), *n);
        lines.into_iter().map(line).collect()
    }
}

fn is_fit(answer: Answer, levels: usize) -> bool {
    match answer {
        Answer::Level(level) => usize::from(level) < levels,
        Answer::Levels(bits) => levels == LEVELS_MAX || bits >> levels == 0,
        Answer::Number(x) => x.is_finite(),
        _ => true,
    }
}

/// 0 without a level, else the level and one.
fn code(answer: Answer) -> u8 {
    match answer {
        Answer::Level(level) => level + 1,
        _ => 0,
    }
}
