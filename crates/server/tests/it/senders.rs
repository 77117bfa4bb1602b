//! Mail and text messages against small servers on loopback.

use linli_server::Config;
use linli_server::config::Hidden;
use linli_server::identity::contact::Contact;
use linli_server::notify::{MailSender, Message, SendFailure, Sender, Senders, SmsSender};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

fn message(to: &str) -> Message {
    Message {
        to: Contact::read(to).unwrap(),
        code: "012345".to_owned(),
        subject: "012345 是您的投票验证码".to_owned(),
        text: "012345\n\n.\n只能用一次".to_owned(),
    }
}

/// Serves one connection; gives what the client said.
fn serve(
    talk: impl FnOnce(BufReader<TcpStream>, TcpStream) -> String + Send + 'static,
) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        talk(reader, stream)
    });
    (port, served)
}

/// A mail server that answers `to_recipient` to RCPT, and knows no TLS.
fn mail_server(to_recipient: &'static str) -> (u16, JoinHandle<String>) {
    serve(move |mut reader, mut stream| {
        let mut said = String::new();
        stream.write_all(b"220 mail.test ESMTP\r\n").unwrap();
        let mut in_data = false;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return said;
            }
            said.push_str(&line);
            let answer = match line.trim_end() {
                "." if in_data => {
                    in_data = false;
                    "250 queued"
                }
                _ if in_data => continue,
                "DATA" => {
                    in_data = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                line if line.starts_with("RCPT") => to_recipient,
                line if line.starts_with("EHLO") => "250-mail.test\r\n250 8BITMIME",
                _ => "250 ok",
            };
            stream
                .write_all(format!("{answer}\r\n").as_bytes())
                .unwrap();
        }
    })
}

#[test]
fn mail_reaches_a_mail_server() {
    let (port, served) = mail_server("250 ok");
    let url = format!("smtp://127.0.0.1:{port}");
    let sender = MailSender::new(&url, "邻里 <vote@example.cn>").unwrap();
    sender.send(&message("li@example.cn")).unwrap();
    drop(sender);
    let said = served.join().unwrap();
    for part in [
        "MAIL FROM:<vote@example.cn>",
        "RCPT TO:<li@example.cn>",
        "To: li@example.cn",
        "Content-Type: text/plain; charset=utf-8",
        "Subject: 012345 =?utf-8?",
        "Message-ID: <",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}

#[test]
fn a_mail_servers_no_is_told_without_the_address() {
    for (answer, lasting) in [
        ("550 li@example.cn unknown", true),
        ("451 li@example.cn later", false),
    ] {
        let (port, served) = mail_server(answer);
        let url = format!("smtp://127.0.0.1:{port}");
        let sender = MailSender::new(&url, "vote@example.cn").unwrap();
        let failure = sender.send(&message("li@example.cn")).unwrap_err();
        drop(sender);
        served.join().unwrap();
        let is_lasting = matches!(failure, SendFailure::Lasting(_));
        assert_eq!(is_lasting, lasting, "{failure}");
        assert!(!failure.to_string().contains("li@"), "{failure}");
    }
}

/// Where TLS is asked for, a server that has none gets nothing, not even the sender.
#[test]
fn mail_does_not_fall_back_to_plain_text() {
    let (port, served) = mail_server("250 ok");
    let url = format!("smtp://user:password@127.0.0.1:{port}?tls=required");
    let sender = MailSender::new(&url, "vote@example.cn").unwrap();
    let failure = sender.send(&message("li@example.cn")).unwrap_err();
    drop(sender);
    let said = served.join().unwrap();
    assert!(!said.contains("MAIL") && !said.contains("AUTH"), "{said}");
    assert!(!failure.to_string().contains("password"), "{failure}");
}

/// A provider that answers every request with `answer`; gives the request.
fn provider(answer: &'static str) -> (u16, JoinHandle<String>) {
    serve(move |mut reader, mut stream| {
        let mut head = String::new();
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            head.push_str(&line);
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        head + std::str::from_utf8(&body).unwrap()
    })
}

const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n{\"code\":0}";

#[test]
fn a_text_message_is_the_operators_request() {
    let (port, served) = provider(FINE);
    let url = format!("http://127.0.0.1:{port}/send?to={{phone}}");
    let headers = [
        "Authorization: Bearer s3cret",
        "Content-Type: application/json",
    ];
    let body = r#"{"to":"{national}","e164":"{phone}","params":["{code}"]}"#;
    let sender = SmsSender::new(&url, headers.into_iter(), body, Some(r#""code":0"#)).unwrap();
    sender.send(&message("138 0000 0001")).unwrap();
    let request = served.join().unwrap();
    assert!(
        request.starts_with("POST /send?to=%2B8613800000001 HTTP/1.1"),
        "{request}"
    );
    assert!(
        request
            .to_lowercase()
            .contains("authorization: bearer s3cret"),
        "{request}"
    );
    let sent = r#"{"to":"13800000001","e164":"+8613800000001","params":["012345"]}"#;
    assert!(request.ends_with(sent), "{request}");
}

#[test]
fn forms_are_percent_encoded_and_no_body_is_a_get() {
    let (port, served) = provider(FINE);
    let url = format!("http://127.0.0.1:{port}/");
    let form = ["Content-Type: application/x-www-form-urlencoded"];
    let sender = SmsSender::new(&url, form.into_iter(), "m={phone}&c={code}", None).unwrap();
    sender.send(&message("+852 5123 4567")).unwrap();
    assert!(
        served
            .join()
            .unwrap()
            .ends_with("m=%2B85251234567&c=012345")
    );
    let (port, served) = provider(FINE);
    let url = format!("http://127.0.0.1:{port}/?c={{code}}");
    let sender = SmsSender::new(&url, std::iter::empty(), "", None).unwrap();
    sender.send(&message("13800000001")).unwrap();
    assert!(
        served
            .join()
            .unwrap()
            .starts_with("GET /?c=012345 HTTP/1.1")
    );
}

#[test]
fn a_providers_no_is_told_without_the_number() {
    let cases = [
        (
            "HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            true,
        ),
        (
            "HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            false,
        ),
        (
            "HTTP/1.1 429 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            false,
        ),
        (
            "HTTP/1.1 302 No\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n{\"code\":7}",
            true,
        ),
        ("nonsense", false),
    ];
    for (answer, lasting) in cases {
        let (port, served) = provider(answer);
        let url = format!("http://127.0.0.1:{port}/?to={{phone}}&c={{code}}");
        let sender = SmsSender::new(&url, std::iter::empty(), "", Some(r#""code":0"#)).unwrap();
        let failure = sender.send(&message("13800000001")).unwrap_err();
        served.join().unwrap();
        let is_lasting = matches!(failure, SendFailure::Lasting(_));
        assert_eq!(is_lasting, lasting, "{answer}: {failure}");
        assert!(!failure.to_string().contains("138"), "{failure}");
    }
}

#[test]
fn settings_that_cannot_send_are_told_at_the_start() {
    let base = Config::default;
    let cases = [
        (
            Config {
                mail_url: Some(Hidden::new("smtps://u:hunter2@mail.test")),
                ..base()
            },
            "mail_from",
        ),
        (
            Config {
                mail_url: Some(Hidden::new("mail hunter2")),
                mail_from: Some("a@b.cn".to_owned()),
                ..base()
            },
            "mail_url",
        ),
        (
            Config {
                mail_url: Some(Hidden::new("smtp://m")),
                mail_from: Some("nobody".to_owned()),
                ..base()
            },
            "mail_from",
        ),
        (
            Config {
                sms_url: Some(Hidden::new("ftp://hunter2/{code}")),
                ..base()
            },
            "sms_url",
        ),
        (
            Config {
                sms_url: Some(Hidden::new("http://sms.test/")),
                ..base()
            },
            "{code}",
        ),
        (
            Config {
                sms_url: Some(Hidden::new("http://sms.test/{code}")),
                sms_headers: vec![Hidden::new("hunter2")],
                ..base()
            },
            "sms_headers",
        ),
    ];
    for (config, told) in cases {
        assert!(!format!("{config:?}").contains("hunter2"));
        let Err(said) = Senders::of(&config) else {
            panic!("{told}: taken");
        };
        assert!(said.contains(told) && !said.contains("hunter2"), "{said}");
    }
    assert!(Senders::of(&base()).unwrap().is_empty());
}
