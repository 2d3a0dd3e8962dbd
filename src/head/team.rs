//! A convolution shared out among several members, each with a [`Shard`] of the filters.
//!
//! All members get the same messages. Between two of them go pooled values and their derivatives only,
//! some tens of kilobytes a batch; beside those each member gets the batch's features.

use half::f16;
use serde::{Deserialize, Serialize};

use super::shard::{Beginning, Norm, Pooled, Shard, share};
use super::{HeadError, Optimizer, Statistics, Weights};

/// What all members are asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TeamMessage {
    /// Take your share of this convolution, in place of an earlier one.
    Begin(Box<Beginning>),
    /// Pool the batch whose features come with this.
    Forward {
        /// The step's number, counted from 0.
        step: u32,
        /// Batch norm's factors and summands.
        norm: Norm,
    },
    /// Take a step along the gradient of the last batch, of which this is the derivative of the pooled
    /// values of all filters: images x filters.
    Backward(Vec<f32>),
    /// Pool the images whose features come with this, without dropout.
    Evaluate {
        /// Batch norm's factors and summands.
        norm: Norm,
        /// Batch norm's moving statistics.
        statistics: Statistics,
    },
    /// Show weights and optimizer.
    HandOver,
}

/// What a member answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TeamReply {
    /// It has its share.
    Begun,
    /// To [`TeamMessage::Forward`].
    Pooled(Pooled),
    /// To [`TeamMessage::Backward`]: [`Shard::backward`]'s sums.
    Stepped(Vec<f32>),
    /// To [`TeamMessage::Evaluate`]: images x its filters.
    Evaluated(Vec<f32>),
    /// To [`TeamMessage::HandOver`].
    Share(Box<(Weights, Optimizer)>),
    /// The message could not be carried out.
    Failed(String),
}

/// A member was lost, or answered what nobody had asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("training together failed: {0}")]
pub struct TeamError(pub String);

/// Members that work at the same time, at most [`super::most_members`].
#[allow(async_fn_in_trait)] // Threads are workers here: no future ever crosses one.
pub trait Team {
    /// Gives every member the same message, with the `features` that belong to it (images x height x
    /// width x channels, or none), and collects the answers in the members' order.
    ///
    /// # Errors
    /// [`TeamError`] where a member is lost; the others' answers are lost with it.
    async fn ask(&mut self, message: &TeamMessage, features: &[f16]) -> Result<Vec<TeamReply>, TeamError>;
}

/// One of several members.
pub struct Member {
    number: usize,
    members: usize,
    shard: Option<Shard>,
}

impl Member {
    /// The member of this `number`, counted from 0, of so many.
    pub fn new(number: usize, members: usize) -> Self {
        Self { number, members, shard: None }
    }

    /// Carries out a message.
    pub fn answer(&mut self, message: &TeamMessage, features: &[f16]) -> TeamReply {
        self.carry_out(message, features).unwrap_or_else(|error| TeamReply::Failed(error.to_string()))
    }

    fn carry_out(&mut self, message: &TeamMessage, features: &[f16]) -> Result<TeamReply, HeadError> {
        if let TeamMessage::Begin(beginning) = message {
            let filters = share(beginning.weights.bias.len(), self.number, self.members);
            self.shard = Some(Shard::new(beginning, filters)?);
            return Ok(TeamReply::Begun);
        }
        let Some(shard) = &mut self.shard else { return Ok(TeamReply::Failed("nothing begun".to_owned())) };
        Ok(match message {
            TeamMessage::Begin(_) => TeamReply::Begun,
            TeamMessage::Forward { step, norm } => TeamReply::Pooled(shard.forward(features, *step, norm)?),
            TeamMessage::Backward(derivative) => {
                let sums = shard.backward(derivative)?;
                shard.step();
                TeamReply::Stepped(sums)
            }
            TeamMessage::Evaluate { norm, statistics } => {
                TeamReply::Evaluated(shard.evaluate(features, norm, statistics)?)
            }
            TeamMessage::HandOver => TeamReply::Share(Box::new(shard.hand_over())),
        })
    }
}

/// Members that take turns on this thread.
pub struct LocalTeam(Vec<Member>);

impl LocalTeam {
    /// A team of so many, at least one.
    pub fn new(members: usize) -> Self {
        let members = members.max(1);
        Self((0..members).map(|number| Member::new(number, members)).collect())
    }
}

impl Team for LocalTeam {
    async fn ask(&mut self, message: &TeamMessage, features: &[f16]) -> Result<Vec<TeamReply>, TeamError> {
        Ok(self.0.iter_mut().map(|member| member.answer(message, features)).collect())
    }
}

/// Gives the members their shares.
pub(super) async fn begin<T: Team>(team: &mut T, beginning: Beginning) -> Result<(), TeamError> {
    let message = TeamMessage::Begin(Box::new(beginning));
    answers(team, &message, &[], |reply| matches!(reply, TeamReply::Begun).then_some(())).await.map(drop)
}

/// The pooled values of a batch of so many images, images x filters, and the batch's statistics.
pub(super) async fn forward<T: Team>(
    team: &mut T,
    step: u32,
    norm: Norm,
    features: &[f16],
    images: usize,
) -> Result<(Vec<f32>, Statistics), TeamError> {
    let message = TeamMessage::Forward { step, norm };
    let pooled = answers(team, &message, features, |reply| match reply {
        TeamReply::Pooled(pooled) => Some(pooled),
        _ => None,
    });
    let (mut parts, mut statistics) = (Vec::new(), Statistics::default());
    for pooled in pooled.await? {
        // Every member has measured the same.
        statistics = pooled.statistics;
        parts.push(pooled.values);
    }
    Ok((side_by_side(&parts, images)?, statistics))
}

/// Lets the members take their step; of each [`Shard::backward`]'s sums.
pub(super) async fn backward<T: Team>(
    team: &mut T,
    derivative: Vec<f32>,
) -> Result<Vec<Vec<f32>>, TeamError> {
    let message = TeamMessage::Backward(derivative);
    let stepped = answers(team, &message, &[], |reply| match reply {
        TeamReply::Stepped(sums) => Some(sums),
        _ => None,
    });
    stepped.await
}

/// The pooled values of so many images without dropout, images x filters.
pub(super) async fn evaluate<T: Team>(
    team: &mut T,
    norm: Norm,
    statistics: Statistics,
    features: &[f16],
    images: usize,
) -> Result<Vec<f32>, TeamError> {
    let message = TeamMessage::Evaluate { norm, statistics };
    let parts = answers(team, &message, features, |reply| match reply {
        TeamReply::Evaluated(values) => Some(values),
        _ => None,
    });
    side_by_side(&parts.await?, images)
}

/// The members' weights and optimizers, in the filters' order.
pub(super) async fn hand_over<T: Team>(team: &mut T) -> Result<Vec<(Weights, Optimizer)>, TeamError> {
    let shares = answers(team, &TeamMessage::HandOver, &[], |reply| match reply {
        TeamReply::Share(share) => Some(*share),
        _ => None,
    });
    shares.await
}

/// Asks, and takes what is `wanted` of every answer.
async fn answers<T: Team, A>(
    team: &mut T,
    message: &TeamMessage,
    features: &[f16],
    wanted: impl Fn(TeamReply) -> Option<A>,
) -> Result<Vec<A>, TeamError> {
    let replies = team.ask(message, features).await?;
    let answer = |reply| match reply {
        TeamReply::Failed(why) => Err(TeamError(why)),
        reply => wanted(reply).ok_or_else(|| TeamError("the answer belongs to no question".to_owned())),
    };
    replies.into_iter().map(answer).collect()
}

/// Puts the members' columns side by side: of each, images x its filters.
fn side_by_side(parts: &[Vec<f32>], images: usize) -> Result<Vec<f32>, TeamError> {
    if images == 0 || parts.iter().any(|part| part.is_empty() || !part.len().is_multiple_of(images)) {
        return Err(TeamError("a member's values are not as many as the images".to_owned()));
    }
    let mut whole = Vec::with_capacity(parts.iter().map(Vec::len).sum());
    for image in 0..images {
        for part in parts {
            let filters = part.len() / images;
            whole.extend_from_slice(&part[image * filters..][..filters]);
        }
    }
    Ok(whole)
}
