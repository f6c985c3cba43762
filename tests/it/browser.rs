//! Chromium without a window, asked over a pair of named pipes: what a page shows, and
//! what it complains of.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than any answer takes, far less than a hang.
const PATIENCE: Duration = Duration::from_mins(1);

/// The page runs nothing but itself: no updates, no look-ups.
const QUIET: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
];

/// A running browser with one page.
pub(crate) struct Browser {
    child: Child,
    questions: File,
    answers: Receiver<Value>,
    session: String,
    asked: u64,
    events: Vec<Value>,
    _folder: TempDir,
}

/// Where Chromium is; a test without it says so and ends.
pub(crate) fn chromium(test: &str) -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
    let found = names.iter().flat_map(|name| folders.iter().map(move |one| one.join(name)));
    let found = found.into_iter().find(|path| path.is_file());
    if found.is_none() {
        // Not through a macro: what these print is kept from those who look on.
        let text =
            format!("\n{test}: SKIPPED, there is no Chromium (Debian: apt install chromium)\n");
        std::io::stderr().write_all(text.as_bytes()).expect("standard error");
    }
    found
}

impl Browser {
    /// Starts it.
    pub(crate) fn start(program: &Path) -> Self {
        let folder = TempDir::new().expect("a folder");
        let pipes = ["in", "out"].map(|name| folder.path().join(name));
        let made = Command::new("mkfifo").args(&pipes).status().expect("mkfifo");
        assert!(made.success(), "named pipes");
        let shell = r#"exec "$0" "$@" 3<"$PIPE_IN" 4>"$PIPE_OUT""#;
        let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
        let mut command = Command::new("sh");
        command.arg("-c").arg(shell).arg(program).args(QUIET).arg(profile);
        command.env("PIPE_IN", &pipes[0]).env("PIPE_OUT", &pipes[1]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("the browser");
        // Each waits for the other side, in the order of the shell.
        let questions = File::options().write(true).open(&pipes[0]).expect("a pipe");
        let answers = File::open(&pipes[1]).expect("a pipe");
        let mut browser = Self {
            child,
            questions,
            answers: listen(answers),
            session: String::new(),
            asked: 0,
            events: Vec::new(),
            _folder: folder,
        };
        let target = browser.call("Target.createTarget", &json!({"url": "about:blank"}));
        let target = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.call("Target.attachToTarget", &target);
        session["sessionId"].as_str().expect("a session").clone_into(&mut browser.session);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Opens a file as a page, with what follows its name.
    pub(crate) fn open(&mut self, file: &Path, fragment: &str) {
        self.call("Page.navigate", &json!({"url": "about:blank"}));
        self.events.clear();
        let url = format!("file://{}{fragment}", file.display());
        self.call("Page.navigate", &json!({"url": url}));
        let start = Instant::now();
        while self.eval("document.readyState + location.protocol") != "completefile:" {
            assert!(start.elapsed() < PATIENCE, "{url} does not open");
        }
    }

    /// What an expression is in the page.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let answer = self.call(
            "Runtime.evaluate",
            &json!({"expression": expression, "returnByValue": true, "awaitPromise": true}),
        );
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// The same, as text.
    pub(crate) fn text(&mut self, expression: &str) -> String {
        let value = self.eval(expression);
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    /// A width and a height in pixels.
    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", &size);
    }

    /// What the page complained of, and what it asked the network for besides itself.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        // Events come before the answer to a later question.
        self.eval("0");
        let mut pages = 0;
        let mut complaints = Vec::new();
        for event in &self.events {
            match event["method"].as_str().unwrap_or_default() {
                "Runtime.exceptionThrown" | "Log.entryAdded" | "Runtime.consoleAPICalled" => {
                    complaints.push(event["params"].to_string());
                }
                "Network.requestWillBeSent" => {
                    pages += 1;
                    if pages > 1 {
                        complaints.push(event["params"]["request"]["url"].to_string());
                    }
                }
                "Page.javascriptDialogOpening" => complaints.push(event.to_string()),
                _ => {}
            }
        }
        complaints
    }

    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.asked += 1;
        let mut question = json!({"id": self.asked, "method": method, "params": parameters});
        if !self.session.is_empty() {
            question["sessionId"] = Value::from(self.session.as_str());
        }
        let question = format!("{question}\0");
        self.questions.write_all(question.as_bytes()).expect("the browser listens");
        loop {
            let answer = self.answers.recv_timeout(PATIENCE).expect("an answer");
            if answer["id"] == self.asked {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        drop(ended);
    }
}

/// Reads answers as they come.
fn listen(answers: File) -> Receiver<Value> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let answers = BufReader::new(answers).split(0);
        for answer in answers.map_while(Result::ok) {
            let answer = serde_json::from_slice(&answer).expect("JSON");
            if sender.send(answer).is_err() {
                return;
            }
        }
    });
    receiver
}
