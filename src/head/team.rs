//! A convolution shared out among several members, each with [`Shards`] of its channels.
//!
//! All members get the same messages, and each the features of its channels. Between them go the sums of
//! their outputs and the derivatives only, some tens of kilobytes a batch.

use std::collections::VecDeque;
use std::ops::Range;

use half::f16;
use serde::{Deserialize, Serialize};

use super::HeadError;
use super::shard::{Beginning, Shards, Share};
use super::slices::{Sliced, total};

/// What all members are told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TeamMessage {
    /// Take your share of this convolution, in place of an earlier one.
    Begin(Box<Beginning>),
    /// Answer with the sums of the batch whose features come with this, in the step of this number, counted
    /// from 0.
    Forward(u32),
    /// Take a step along the gradient of the last batch, of which this is the derivative of the outputs:
    /// images · places x filters. This is the only message without an answer, so that the next one can
    /// follow at once.
    Backward(Vec<f32>),
    /// Answer with the sums of the images whose features come with this, without dropout.
    Evaluate,
    /// Show what belongs to your channels.
    HandOver,
}

/// What a member answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TeamReply {
    /// It has its share.
    Begun,
    /// To [`TeamMessage::Forward`] and [`TeamMessage::Evaluate`]: what [`Shards`] give.
    Sums(Vec<f32>),
    /// To [`TeamMessage::HandOver`], slice by slice.
    Shares(Vec<Share>),
    /// A message could not be carried out.
    Failed(String),
}

/// A member was lost, or answered what nobody had asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("training together failed: {0}")]
pub struct TeamError(pub String);

/// Members that work at the same time, as many as [`super::most_members`] allows.
#[allow(async_fn_in_trait)] // Threads are workers here: no future ever crosses one.
pub trait Team {
    /// Gives every member the same message, with its part of the `features` that belong to it, or of none.
    ///
    /// # Errors
    /// [`TeamError`] where a member is lost.
    fn tell(&mut self, message: &TeamMessage, features: &Sliced) -> Result<(), TeamError>;

    /// The next answer of each, in the members' order.
    ///
    /// # Errors
    /// [`TeamError`] where a member is lost; the others' answers are lost with it.
    async fn answers(&mut self) -> Result<Vec<TeamReply>, TeamError>;
}

/// One of several members.
pub struct Member {
    number: usize,
    members: usize,
    shards: Option<Shards>,
}

impl Member {
    /// The member of this `number`, counted from 0, of so many.
    pub fn new(number: usize, members: usize) -> Self {
        Self { number, members, shards: None }
    }

    /// Where its part of some features lies.
    pub fn own(&self, features: &Sliced) -> Range<usize> {
        features.of_member(self.number, self.members)
    }

    /// Carries out a message, which comes with its part of the features.
    pub fn answer(&mut self, message: &TeamMessage, features: &[f16]) -> Option<TeamReply> {
        match self.carry_out(message, features) {
            Ok(reply) => reply,
            Err(error) => Some(TeamReply::Failed(error.to_string())),
        }
    }

    fn carry_out(&mut self, message: &TeamMessage, features: &[f16]) -> Result<Option<TeamReply>, HeadError> {
        if let TeamMessage::Begin(beginning) = message {
            self.shards = Some(Shards::new(beginning, self.number, self.members)?);
            return Ok(Some(TeamReply::Begun));
        }
        let Some(shards) = &mut self.shards else {
            return Ok(Some(TeamReply::Failed("nothing begun".to_owned())));
        };
        Ok(match message {
            TeamMessage::Begin(_) => None,
            TeamMessage::Forward(step) => Some(TeamReply::Sums(shards.forward(features, *step)?)),
            TeamMessage::Backward(derivative) => {
                shards.backward(derivative)?;
                None
            }
            TeamMessage::Evaluate => Some(TeamReply::Sums(shards.evaluate(features)?)),
            TeamMessage::HandOver => Some(TeamReply::Shares(shards.hand_over())),
        })
    }
}

/// Members that take turns on this thread.
pub struct LocalTeam {
    members: Vec<Member>,
    /// The answers of each that nobody has asked for yet.
    waiting: Vec<VecDeque<TeamReply>>,
}

impl LocalTeam {
    /// A team of so many, at least one.
    pub fn new(members: usize) -> Self {
        let members = members.max(1);
        Self {
            members: (0..members).map(|number| Member::new(number, members)).collect(),
            waiting: vec![VecDeque::new(); members],
        }
    }
}

impl Team for LocalTeam {
    fn tell(&mut self, message: &TeamMessage, features: &Sliced) -> Result<(), TeamError> {
        for (member, waiting) in self.members.iter_mut().zip(&mut self.waiting) {
            let own = member.own(features);
            waiting.extend(member.answer(message, &features.values()[own]));
        }
        Ok(())
    }

    async fn answers(&mut self) -> Result<Vec<TeamReply>, TeamError> {
        let next = self.waiting.iter_mut().map(VecDeque::pop_front).collect::<Option<_>>();
        next.ok_or_else(|| TeamError("nobody was asked".to_owned()))
    }
}

/// Gives the members their shares.
pub(super) async fn begin<T: Team>(team: &mut T, beginning: Beginning) -> Result<(), TeamError> {
    team.tell(&TeamMessage::Begin(Box::new(beginning)), &Sliced::default())?;
    answers(team, |reply| matches!(reply, TeamReply::Begun).then_some(())).await.map(drop)
}

/// The sums of all members, so many rows of one value a filter: the answer to [`TeamMessage::Forward`] or
/// [`TeamMessage::Evaluate`].
pub(super) async fn sums<T: Team>(team: &mut T, values: usize) -> Result<Vec<f32>, TeamError> {
    let mut parts = answers(team, |reply| match reply {
        TeamReply::Sums(sums) if sums.len() == values => Some(sums),
        _ => None,
    })
    .await?;
    total(0..parts.len(), &mut |member| Ok(std::mem::take(&mut parts[member])))
}

/// What belongs to each slice, in the channels' order.
pub(super) async fn hand_over<T: Team>(team: &mut T) -> Result<Vec<Share>, TeamError> {
    team.tell(&TeamMessage::HandOver, &Sliced::default())?;
    let shares = answers(team, |reply| match reply {
        TeamReply::Shares(shares) => Some(shares),
        _ => None,
    });
    Ok(shares.await?.into_iter().flatten().collect())
}

/// Takes what is `wanted` of everybody's next answer.
async fn answers<T: Team, A>(
    team: &mut T,
    wanted: impl Fn(TeamReply) -> Option<A>,
) -> Result<Vec<A>, TeamError> {
    let answer = |reply| match reply {
        TeamReply::Failed(why) => Err(TeamError(why)),
        reply => wanted(reply).ok_or_else(|| TeamError("the answer belongs to no question".to_owned())),
    };
    team.answers().await?.into_iter().map(answer).collect()
}
