//! The talk of the HTTP measurement: one request after another on a keep-alive connection.

use crate::client::http_text::{read_answer, write_request};
use crate::load::{Reply, Talk};
use anyhow::Result;

/// Writes a part of request `number`.
pub type Part = Box<dyn FnMut(u64, &mut Vec<u8>) + Send>;

/// What differs between the requests of one connection.
pub enum Varies {
    /// The body.
    Body(Part),
    /// The end of the path; there is no body. It is ASCII.
    Path(Part),
}

/// One keep-alive connection.
pub struct Requests {
    host: String,
    method: &'static str,
    path: String,
    path_bytes: usize,
    authorization: String,
    varies: Varies,
    part: Vec<u8>,
    answered: u64,
}

impl Requests {
    /// Requests of one kind; `path` is their whole path, or its beginning.
    pub fn new(host: &str, method: &'static str, path: &str, authorization: &str, varies: Varies) -> Self {
        Requests {
            host: host.to_owned(),
            method,
            path: path.to_owned(),
            path_bytes: path.len(),
            authorization: authorization.to_owned(),
            varies,
            part: Vec::new(),
            answered: 0,
        }
    }
}

impl Talk for Requests {
    fn request(&mut self, number: u64, out: &mut Vec<u8>) {
        self.part.clear();
        let body: &[u8] = match &mut self.varies {
            Varies::Body(make) => {
                make(number, &mut self.part);
                &self.part
            }
            Varies::Path(make) => {
                make(number, &mut self.part);
                self.path.truncate(self.path_bytes);
                self.path.push_str(std::str::from_utf8(&self.part).unwrap_or_default());
                &[]
            }
        };
        write_request(out, self.method, &self.host, &self.path, &self.authorization, body);
    }

    fn replies(
        &mut self,
        bytes: &mut [u8],
        at: &mut usize,
        _out: &mut Vec<u8>,
        reply: &mut dyn FnMut(Reply),
    ) -> Result<()> {
        while let Some(answer) = read_answer(&bytes[*at..])? {
            *at += answer.body.end;
            reply(if answer.status == 200 {
                Reply::Accepted(self.answered)
            } else {
                Reply::Refused(self.answered)
            });
            self.answered += 1;
        }
        Ok(())
    }
}
