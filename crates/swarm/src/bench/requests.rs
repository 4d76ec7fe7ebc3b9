//! The talk of the HTTP measurement: one request after another on a keep-alive connection.

use crate::client::http_text::{read_answer, write_request};
use crate::load::{Reply, Talk};
use anyhow::Result;

/// Makes the body of request `number`.
pub type Body = Box<dyn FnMut(u64, &mut Vec<u8>) + Send>;

/// One keep-alive connection.
pub struct Requests {
    host: String,
    method: &'static str,
    path: String,
    authorization: String,
    make: Body,
    body: Vec<u8>,
    answered: u64,
}

impl Requests {
    /// Requests of one kind whose bodies `make` writes.
    pub fn new(host: &str, method: &'static str, path: &str, authorization: &str, make: Body) -> Self {
        Requests {
            host: host.to_owned(),
            method,
            path: path.to_owned(),
            authorization: authorization.to_owned(),
            make,
            body: Vec::new(),
            answered: 0,
        }
    }
}

impl Talk for Requests {
    fn request(&mut self, number: u64, out: &mut Vec<u8>) {
        self.body.clear();
        (self.make)(number, &mut self.body);
        write_request(out, self.method, &self.host, &self.path, &self.authorization, &self.body);
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
