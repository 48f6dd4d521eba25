//! Where each setting comes from, and what is refused.

use super::*;

fn load(file: &str, environment: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Result<Config, Failure> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(CONFIG_FILE), file).expect("a file");
    let mut flags = Flags { config: None, values: flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect() };
    flags.values.insert("data_dir", folder.path().display().to_string());
    let environment = environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Config::load(&flags, &environment)
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let file = "listen = \"127.0.0.1:1\"\nlog = \"warn\"\nmax_connections = 9\n";
    let config =
        load(file, &[("CLINICHUB_LISTEN", "127.0.0.1:2"), ("CLINICHUB_LOG", "debug")], &[("listen", "127.0.0.1:3")]).expect("good");
    assert_eq!((config.listen.as_str(), config.log.as_str(), config.max_connections, config.smtp_port), ("127.0.0.1:3", "debug", 9, 587));
}

#[test]
fn an_unknown_name_is_an_error_that_helps() {
    let error = load("lisen = 1\n", &[], &[]).expect_err("refused").message;
    assert!(error.contains("\"lisen\"") && error.contains("\"listen\""), "{error}");
}

#[test]
fn a_wrong_value_names_its_setting() {
    let error = load("smtp_port = \"many\"\n", &[], &[]).expect_err("refused").message;
    assert!(error.contains("smtp_port"), "{error}");
    let error = load("", &[("CLINICHUB_BCRYPT_COST", "4")], &[]).expect_err("refused").message;
    assert!(error.contains("bcrypt_cost"), "{error}");
}

#[test]
fn folders_of_fonts_are_a_list_or_a_text_with_colons() {
    let folders = |file: &str, environment: &[(&str, &str)]| load(file, environment, &[]).expect("good").font_dirs();
    let both = ["/a", "/b c"].map(PathBuf::from);
    assert_eq!(folders("font_dirs = [\"/a\", \"/b c\"]\n", &[]), both);
    assert_eq!(folders("font_dirs = \"/a:/b c\"\n", &[]), both);
    assert_eq!(folders("font_dirs = [\"/other\"]\n", &[("CLINICHUB_FONT_DIRS", "/a:/b c:")]), both);
    assert!(folders("font_dirs = []\n", &[]).is_empty());
    let error = load("font_dirs = { a = 1 }\n", &[], &[]).expect_err("refused").message;
    assert!(error.contains("folders"), "{error}");
}

#[test]
fn the_usual_folders_of_fonts_are_those_that_are_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut flags = Flags::default();
    flags.values.insert("data_dir", folder.path().display().to_string());
    let usual = || Config::load(&flags, &Environment::new()).expect("good").font_dirs();
    let own = folder.path().join("fonts");
    assert!(!usual().contains(&own));
    std::fs::create_dir(&own).expect("made");
    assert_eq!(usual().first(), Some(&own));
}

#[test]
fn a_secret_comes_from_its_file_without_the_line_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("token");
    std::fs::write(&path, "0123456789abcdef\n").expect("a file");
    let config = load("", &[("CLINICHUB_METRICS_TOKEN_FILE", path.to_str().expect("text"))], &[]).expect("good");
    assert_eq!(config.metrics_token.as_ref().map(ExposeSecret::expose_secret), Some("0123456789abcdef"));
    assert!(!format!("{config:?}").contains("0123456789abcdef"));
}

#[test]
fn a_key_that_could_be_guessed_is_refused() {
    for weak in ["short", "change_me_change_me_change_me_change_me", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
        for name in ["CLINICHUB_JWT_KEY", "CLINICHUB_FILES_KEY"] {
            let error = load("", &[(name, weak)], &[]).expect_err(weak).message;
            assert!(error.contains("_key is refused") && !error.contains(weak), "{error}");
        }
    }
    for name in ["CLINICHUB_JWT_KEY", "CLINICHUB_FILES_KEY"] {
        assert!(load("", &[(name, "R7vT2mQ9xLw4Zp8NcYb1Hs6Kd3Gf5Ja0eUiOaSdFgHk=")], &[]).is_ok());
    }
}

#[test]
fn the_environment_wins_over_the_file_of_a_secret() {
    let config = load("database_url = \"postgres://file\"", &[("CLINICHUB_DATABASE_URL", "postgres://environment")], &[]).expect("good");
    assert_eq!(config.database_url.as_ref().map(ExposeSecret::expose_secret), Some("postgres://environment"));
}

#[test]
fn plain_http_stays_on_this_machine() {
    let open = load("listen = \"0.0.0.0:8080\"", &[], &[]).expect("good");
    let address = open.address().expect("an address");
    assert!(open.check_exposure(address, false).is_err());
    let proxied = load("listen = \"0.0.0.0:8080\"\nbehind_proxy = true", &[], &[]).expect("good");
    assert!(proxied.check_exposure(address, false).is_ok());
    assert!(proxied.check_exposure(address, true).is_err());
    let local = load("", &[], &[]).expect("good");
    assert!(local.check_exposure(local.address().expect("an address"), true).is_ok());
}

#[test]
fn the_committed_reference_is_the_printed_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/CONFIGURATION.md");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == reference(), "docs/CONFIGURATION.md is old: run `clinichub config reference > docs/CONFIGURATION.md`");
}
