//! What an operator sets about stores, as the use cases need it. Read from files and variables elsewhere.

use std::sync::Arc;

use crate::outside::Url;

/// A key of ours that signs for us (RSA with SHA-256, PKCS #1). A port: signing wants randomness of its own.
pub trait SignsRs256: Send + Sync {
    /// The signature; `None` if the key is unfit.
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>>;
}

/// Every store that is set up.
#[derive(Clone, Default)]
pub struct ReceiptSettings {
    /// Apple's App Store.
    pub apple: Option<AppleShopSettings>,
    /// Google Play.
    pub google: Option<GoogleShopSettings>,
    /// Huawei's AppGallery.
    pub huawei: Option<HuaweiShopSettings>,
    /// The app secret of Facebook Instant Games.
    pub facebook_instant_secret: Option<String>,
}

/// Apple's App Store.
#[derive(Clone)]
pub struct AppleShopSettings {
    /// The app; receipts of others are not taken.
    pub bundle_id: String,
    /// For subscriptions in receipts of the old kind; may be empty.
    pub shared_secret: String,
    /// Apple's root certificate in DER, without which signed transactions are not taken.
    pub root: Option<Vec<u8>>,
    /// Where receipts of the old kind are checked.
    pub url: Url,
    /// And those for trying out; `None` takes none.
    pub sandbox_url: Option<Url>,
}

/// Google Play.
#[derive(Clone)]
pub struct GoogleShopSettings {
    /// The service account.
    pub account: String,
    /// Its key.
    pub key: Arc<dyn SignsRs256>,
    /// The key's name; may be empty.
    pub key_id: String,
    /// Where it gets its access.
    pub token_url: Url,
    /// The publisher's API.
    pub url: Url,
    /// The apps; purchases in others are not taken.
    pub packages: Vec<String>,
}

/// Huawei's AppGallery.
#[derive(Clone)]
pub struct HuaweiShopSettings {
    /// The app's public key, in DER (PKCS #1, as inside what Huawei gives).
    pub public_key: Vec<u8>,
    /// The app.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where it gets its access.
    pub token_url: Url,
    /// The order service.
    pub url: Url,
}
