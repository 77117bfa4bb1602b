//! `linli admin`

use crate::settings::Settings;
use clap::{Args, Subcommand};
use linli_model::desk::{DeskRefusal, Post};
use linli_model::{CommunityId, GrantToken};
use linli_server::service::desk::DeskFailure;
use linli_server::{Config, Service, SystemClock};
use std::process::ExitCode;
use std::sync::Arc;

/// The first member of staff, and who there is. Everything else is the desk's.
#[derive(Args)]
pub(crate) struct Admin {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Invite an owner of a community; prints the link, which lasts 7 days.
    Create {
        /// The community.
        community: String,
        /// The person's name as colleagues will see it.
        #[arg(long)]
        name: String,
    },
    /// Take a lost second factor away; prints a link for a new one, which lasts 24 hours and
    /// asks for the password. The person's sessions end.
    ResetFactor {
        /// The community.
        community: String,
        /// What the person signs in with.
        login: String,
    },
    /// List everyone with an account.
    List {
        /// The community.
        community: String,
    },
}

impl Admin {
    pub(crate) fn run(&self, settings: &Settings) -> Result<ExitCode, String> {
        let config = settings.load()?;
        crate::runtime()?.block_on(async {
            let service = linli_server::open_service(&config, Arc::new(SystemClock)).await?;
            let done = self.ask(&config, &service).await;
            let _ = service.close().await;
            done.map(|()| ExitCode::SUCCESS)
        })
    }

    async fn ask(&self, config: &Config, service: &Service) -> Result<(), String> {
        match &self.what {
            What::Create { community, name } => {
                let community = CommunityId::parse(community).map_err(|e| e.to_string())?;
                let token = service.invite_owner(&community, name).await;
                let token = token.map_err(|failure| told(&community, failure))?;
                println!("{}", link(config, &community, &token));
                eprintln!("send it to {name} alone: whoever opens it first has the account");
                Ok(())
            }
            What::ResetFactor { community, login } => {
                let community = CommunityId::parse(community).map_err(|e| e.to_string())?;
                let token = service.reset_factor(&community, login).await;
                let token = token.map_err(|failure| told(&community, failure))?;
                println!("{}", link(config, &community, &token));
                eprintln!("{login} needs it and the password, within 24 hours");
                Ok(())
            }
            What::List { community } => {
                let community = CommunityId::parse(community).map_err(|e| e.to_string())?;
                let staff = service.staff(&community).await;
                for one in staff.map_err(|failure| told(&community, failure))? {
                    let posts: Vec<String> = one.posts.iter().map(written).collect();
                    println!("{}\t{}\t{}", one.name, one.login, posts.join(", "));
                }
                Ok(())
            }
        }
    }
}

fn link(config: &Config, community: &CommunityId, token: &GrantToken) -> String {
    let origin = match config.public_urls.first() {
        Some(url) => url.clone(),
        None => format!("http://{}", config.listen),
    };
    format!("{origin}/desk/{community}/join#{}", token.as_str())
}

fn written(post: &Post) -> String {
    let role = post.role.as_str();
    match &post.place {
        Some(place) => format!("{role} at {place}"),
        None => role.to_owned(),
    }
}

/// What went wrong, for somebody with a shell.
pub(crate) fn told(community: &CommunityId, failure: DeskFailure) -> String {
    match failure {
        DeskFailure::Refused(DeskRefusal::Unknown) => format!("no community {community}"),
        DeskFailure::Refused(DeskRefusal::Invalid { path, fault }) => format!("{path}: {fault}"),
        DeskFailure::Refused(refusal) => format!("{refusal:?}"),
        DeskFailure::Fault(detail) => detail,
    }
}
