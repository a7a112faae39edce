//! The probes that are connected, and which of them is meant.

use probe_rs::probe::{
    DebugProbeSelector,
    list::{Accessibility, Lister, ProbeListItem},
};

use super::options::Selector;
use crate::ProbeError;

/// A probe that is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeInfo {
    /// What it calls itself.
    pub name: String,
    /// Kind of probe: ST-LINK, J-Link, CMSIS-DAP …
    pub kind: String,
    /// What names it on the command line.
    pub selector: Selector,
    /// False if the operating system keeps this user from opening it.
    pub accessible: bool,
}

impl From<ProbeListItem> for ProbeInfo {
    fn from(item: ProbeListItem) -> Self {
        Self {
            name: item.info.identifier.clone(),
            kind: item.info.probe_type(),
            selector: Selector(DebugProbeSelector::from(&item.info)),
            accessible: item.accessibility == Accessibility::Accessible,
        }
    }
}

/// All probes that probe-rs can find. Those that are only reached by an address are not among them.
pub fn list_probes() -> Vec<ProbeInfo> {
    Lister::new().list_all_with_access().into_iter().map(ProbeInfo::from).collect()
}

/// The probe that `wanted` names, or the only one there is.
///
/// # Errors
/// [`ProbeError::NotFound`], [`ProbeError::Several`], [`ProbeError::Permission`].
pub fn choose_probe(wanted: Option<&Selector>) -> Result<Selector, ProbeError> {
    let found = Lister::new().list_with_access(wanted.map(|selector| &selector.0));
    choose(wanted, found.into_iter().map(ProbeInfo::from).collect())
}

fn choose(wanted: Option<&Selector>, found: Vec<ProbeInfo>) -> Result<Selector, ProbeError> {
    match found.as_slice() {
        [] => Err(ProbeError::NotFound { wanted: wanted.map(ToString::to_string) }),
        [probe] if !probe.accessible => Err(ProbeError::Permission { probe: probe.selector.to_string() }),
        // The selector that was given may say more than the list does: an interface, an address.
        [probe] => Ok(wanted.unwrap_or(&probe.selector).clone()),
        several => Err(ProbeError::Several { found: several.iter().map(|probe| probe.selector.to_string()).collect() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(selector: &str, accessible: bool) -> ProbeInfo {
        let selector = selector.parse().expect("selector");
        ProbeInfo { name: "probe".to_owned(), kind: "ST-LINK".to_owned(), selector, accessible }
    }

    #[test]
    fn none_several_and_forbidden_are_three_errors() {
        let wanted: Selector = "0483:374b:AB".parse().expect("selector");
        let none = choose(Some(&wanted), Vec::new()).expect_err("none");
        assert_eq!((none.code(), none.to_string().contains("0483:374b:AB")), ("device::no_probe", true));
        assert_eq!(choose(None, Vec::new()).expect_err("none").to_string(), "no debug probe was found");

        let two = choose(None, vec![probe("0483:374b:A", true), probe("1366:1015:B", true)]).expect_err("two");
        assert_eq!(two.code(), "device::several_probes");
        assert_eq!(two.to_string(), "2 debug probes are connected: 0483:374b:A, 1366:1015:B");
        assert!(two.help().is_some_and(|help| help.contains("--probe 0483:374b:A")));

        let forbidden = choose(None, vec![probe("0483:374b:A", false)]).expect_err("forbidden");
        assert_eq!(forbidden.code(), "device::permission");
        assert!(forbidden.help().is_some_and(|help| help.contains("69-probe-rs.rules") && help.contains("udevadm")));
    }

    #[test]
    fn the_only_probe_is_taken_and_a_name_is_kept_as_given() {
        assert_eq!(choose(None, vec![probe("0483:374b:A", true)]).expect("one").to_string(), "0483:374b:A");
        let wanted: Selector = "0483:374b-1".parse().expect("selector");
        assert_eq!(choose(Some(&wanted), vec![probe("0483:374b:A", true)]), Ok(wanted));
    }

    #[test]
    fn an_address_needs_no_list() {
        let wanted: Selector = "1d50:6018:127.0.0.1:4444".parse().expect("selector");
        assert_eq!(choose_probe(Some(&wanted)), Ok(wanted));
    }
}
