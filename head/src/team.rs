//! A convolution shared out among several members, each with [`Shards`] of its channels.
//!
//! All members get the same messages, and each the features of its channels. Between them go the sums of
//! their outputs and the derivatives only, some tens of kilobytes a batch; and a slice with all that belongs
//! to it, where a member turns out to be faster than another.

use std::collections::VecDeque;
use std::ops::Range;

use half::f16;
use serde::{Deserialize, Serialize};

use super::shard::{Beginning, Shards, Share};
use super::slices::{Sliced, slices, total};
use super::{Division, HeadError, values};

/// What members are told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TeamMessage {
    /// Take these slices of this convolution, in place of an earlier one.
    Begin(Box<Beginning>, Range<usize>),
    /// Answer with the sums of the batch whose features come with this, in the step of this number, counted
    /// from 0.
    Forward(u32),
    /// Take a step along the gradient of the last batch, of which this is the derivative of the outputs:
    /// images · places x filters. It has no answer, so that the next message can follow at once.
    Backward(#[serde(with = "values")] Vec<f32>),
    /// Show what belongs to these slices, and forget it.
    Give(Range<usize>),
    /// Take the slices from this number on, from another member. It has no answer either.
    Take(usize, Vec<Share>),
    /// Answer with the sums of the images whose features come with this, without dropout.
    Evaluate,
    /// Show what belongs to your slices.
    HandOver,
}

/// What a member answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TeamReply {
    /// It has its share.
    Begun,
    /// To [`TeamMessage::Forward`] and [`TeamMessage::Evaluate`]: what [`Shards`] give, one sum after the other.
    Sums(#[serde(with = "values")] Vec<f32>),
    /// To [`TeamMessage::Give`] and [`TeamMessage::HandOver`], slice by slice.
    Shares(Vec<Share>),
    /// A message could not be carried out.
    Failed(String),
}

/// A member was lost, or answered what nobody had asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("training together failed: {0}")]
pub struct TeamError(pub String);

/// Members that work at the same time.
#[allow(async_fn_in_trait)] // Threads are workers here: no future ever crosses one.
pub trait Team {
    /// How many there are.
    fn members(&self) -> usize;

    /// Who has which slices. Members beyond it have nothing to do.
    fn division(&self) -> &Division;

    /// From now on members have these slices.
    fn divide(&mut self, division: Division);

    /// How long each of the division's members worked on the last batches together, in whatever unit; `None`
    /// where nobody measures, or it was told for these batches already.
    fn times(&mut self) -> Option<Vec<f64>>;

    /// Gives one member a message that comes without features.
    ///
    /// # Errors
    /// [`TeamError`] where the member is lost.
    fn send(&mut self, member: usize, message: &TeamMessage) -> Result<(), TeamError>;

    /// Gives every member of the division the same message, with its part of the `features`.
    ///
    /// # Errors
    /// [`TeamError`] where a member is lost.
    fn tell(&mut self, message: &TeamMessage, features: &Sliced) -> Result<(), TeamError>;

    /// A member's next answer.
    ///
    /// # Errors
    /// [`TeamError`] where the member is lost.
    async fn answer(&mut self, member: usize) -> Result<TeamReply, TeamError>;
}

/// One of several members.
#[derive(Default)]
pub struct Member {
    shards: Option<Shards>,
}

impl Member {
    /// Carries out a message, which comes with its part of the features.
    pub fn answer(&mut self, message: &TeamMessage, features: &[f16]) -> Option<TeamReply> {
        match self.carry_out(message, features) {
            Ok(reply) => reply,
            Err(error) => Some(TeamReply::Failed(error.to_string())),
        }
    }

    fn carry_out(&mut self, message: &TeamMessage, features: &[f16]) -> Result<Option<TeamReply>, HeadError> {
        if let TeamMessage::Begin(beginning, own) = message {
            self.shards = Some(Shards::new(beginning, own.clone())?);
            return Ok(Some(TeamReply::Begun));
        }
        let Some(shards) = &mut self.shards else {
            return Ok(Some(TeamReply::Failed("nothing begun".to_owned())));
        };
        Ok(match message {
            TeamMessage::Begin(..) => None,
            TeamMessage::Forward(step) => Some(TeamReply::Sums(shards.forward(features, *step)?.concat())),
            TeamMessage::Backward(derivative) => {
                shards.backward(derivative)?;
                None
            }
            TeamMessage::Evaluate => Some(TeamReply::Sums(shards.evaluate(features)?.concat())),
            TeamMessage::Give(gone) => Some(TeamReply::Shares(shards.give(gone.clone())?)),
            TeamMessage::Take(first, shares) => {
                shards.take(*first, shares.clone())?;
                None
            }
            TeamMessage::HandOver => Some(TeamReply::Shares(shards.hand_over())),
        })
    }
}

/// Members that take turns on this thread.
pub struct LocalTeam {
    members: Vec<Member>,
    /// The answers of each that nobody has asked for yet.
    waiting: Vec<VecDeque<TeamReply>>,
    division: Division,
}

impl LocalTeam {
    /// A team of so many, at least one.
    pub fn new(members: usize) -> Self {
        let members = members.max(1);
        Self {
            members: (0..members).map(|_| Member::default()).collect(),
            waiting: vec![VecDeque::new(); members],
            division: Division::default(),
        }
    }
}

impl Team for LocalTeam {
    fn members(&self) -> usize {
        self.members.len()
    }

    fn division(&self) -> &Division {
        &self.division
    }

    fn divide(&mut self, division: Division) {
        self.division = division;
    }

    fn times(&mut self) -> Option<Vec<f64>> {
        None
    }

    fn send(&mut self, member: usize, message: &TeamMessage) -> Result<(), TeamError> {
        self.waiting[member].extend(self.members[member].answer(message, &[]));
        Ok(())
    }

    fn tell(&mut self, message: &TeamMessage, features: &Sliced) -> Result<(), TeamError> {
        for member in 0..self.division.members() {
            let own = features.of_slices(&self.division.of_member(member));
            self.waiting[member].extend(self.members[member].answer(message, &features.values()[own]));
        }
        Ok(())
    }

    async fn answer(&mut self, member: usize) -> Result<TeamReply, TeamError> {
        self.waiting[member].pop_front().ok_or_else(|| TeamError("nobody was asked".to_owned()))
    }
}

/// Gives the members their shares, as even as can be.
pub(super) async fn begin<T: Team>(team: &mut T, beginning: Beginning) -> Result<(), TeamError> {
    team.divide(Division::even(beginning.shape.channels, team.members()));
    let members = team.division().members();
    for member in 0..members {
        let own = team.division().of_member(member);
        team.send(member, &TeamMessage::Begin(Box::new(beginning.clone()), own))?;
    }
    for member in 0..members {
        answer(team, member, |reply| matches!(reply, TeamReply::Begun).then_some(())).await?;
    }
    Ok(())
}

/// Moves slices between the members where a batch then takes clearly less time. Between two batches only.
pub(super) async fn rearrange<T: Team>(team: &mut T) -> Result<(), TeamError> {
    let Some(times) = team.times() else { return Ok(()) };
    let Some(better) = team.division().better(&times) else { return Ok(()) };
    for giver in 0..better.members() {
        let own = team.division().of_member(giver);
        for taker in (0..better.members()).filter(|taker| *taker != giver) {
            let wanted = better.of_member(taker);
            let gone = own.start.max(wanted.start)..own.end.min(wanted.end);
            if !gone.is_empty() {
                team.send(giver, &TeamMessage::Give(gone.clone()))?;
                let shares = answer(team, giver, shares).await?;
                team.send(taker, &TeamMessage::Take(gone.start, shares))?;
            }
        }
    }
    team.divide(better);
    Ok(())
}

/// The sums of all members, so many values: the answer to [`TeamMessage::Forward`] or
/// [`TeamMessage::Evaluate`].
pub(super) async fn sums<T: Team>(
    team: &mut T,
    channels: usize,
    values: usize,
) -> Result<Vec<f32>, TeamError> {
    let mut parts = Vec::new();
    for member in 0..team.division().members() {
        let sums = answer(team, member, |reply| match reply {
            TeamReply::Sums(sums) => Some(sums),
            _ => None,
        });
        parts.extend(sums.await?.chunks(values.max(1)).map(<[f32]>::to_vec));
    }
    let nodes = team.division().nodes();
    let whole = nodes.len() == parts.len() && parts.iter().all(|sum| sum.len() == values);
    let mut parts = nodes.into_iter().zip(parts).peekable();
    let mut next = |range: &Range<usize>| parts.next_if(|(node, _)| node == range).map(|(_, sum)| sum);
    let sum = total(0..slices(channels), &mut next).filter(|_| whole);
    sum.ok_or_else(|| TeamError("the members' sums are not all".to_owned()))
}

/// What belongs to each slice, in the channels' order.
pub(super) async fn hand_over<T: Team>(team: &mut T) -> Result<Vec<Share>, TeamError> {
    team.tell(&TeamMessage::HandOver, &Sliced::default())?;
    let mut all = Vec::new();
    for member in 0..team.division().members() {
        all.extend(answer(team, member, shares).await?);
    }
    Ok(all)
}

fn shares(reply: TeamReply) -> Option<Vec<Share>> {
    if let TeamReply::Shares(shares) = reply { Some(shares) } else { None }
}

/// Takes what is `wanted` of a member's next answer.
async fn answer<T: Team, A>(
    team: &mut T,
    member: usize,
    wanted: impl Fn(TeamReply) -> Option<A>,
) -> Result<A, TeamError> {
    match team.answer(member).await? {
        TeamReply::Failed(why) => Err(TeamError(why)),
        reply => wanted(reply).ok_or_else(|| TeamError("the answer belongs to no question".to_owned())),
    }
}
