-- Generated from the metadata; see ../README.md. A statement ends with ; and an empty line.

CREATE TABLE audit_checkpoint (
	n BIGINT NOT NULL,
	root BYTEA NOT NULL,
	note BYTEA NOT NULL,
	at VARCHAR(27) NOT NULL,
	CONSTRAINT pk_audit_checkpoint PRIMARY KEY (n)
);

CREATE TABLE audit_counter (
	scope VARCHAR(60) NOT NULL,
	k BIGINT NOT NULL,
	CONSTRAINT pk_audit_counter PRIMARY KEY (scope)
);

CREATE TABLE audit_head (
	id SMALLINT NOT NULL,
	n BIGINT NOT NULL,
	t VARCHAR(27),
	frontier BYTEA NOT NULL,
	minimum BIGINT DEFAULT '0' NOT NULL,
	CONSTRAINT pk_audit_head PRIMARY KEY (id),
	CONSTRAINT ck_audit_head_one_row CHECK (id = 1)
);

CREATE TABLE audit_leaf (
	n BIGINT NOT NULL,
	id VARCHAR(36) NOT NULL,
	leaf_hash BYTEA NOT NULL,
	entry BYTEA NOT NULL,
	CONSTRAINT pk_audit_leaf PRIMARY KEY (n),
	CONSTRAINT uq_audit_leaf_id UNIQUE (id)
);

CREATE TABLE audit_node (
	level SMALLINT NOT NULL,
	idx BIGINT NOT NULL,
	hash BYTEA NOT NULL,
	CONSTRAINT pk_audit_node PRIMARY KEY (level, idx)
);

CREATE TABLE sign_in_attempt (
	bucket INTEGER NOT NULL,
	guesses INTEGER NOT NULL,
	last_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_sign_in_attempt PRIMARY KEY (bucket)
);

CREATE INDEX ix_sign_in_attempt_last_at ON sign_in_attempt (last_at);

CREATE TABLE audit_detail (
	n BIGINT NOT NULL,
	field VARCHAR(6) NOT NULL,
	key_id VARCHAR(200) NOT NULL,
	body BYTEA NOT NULL,
	CONSTRAINT pk_audit_detail PRIMARY KEY (n, field),
	CONSTRAINT ck_audit_detail_field CHECK (field IN ('actor', 'object', 'detail')),
	CONSTRAINT fk_audit_detail_n FOREIGN KEY(n) REFERENCES audit_leaf (n)
);

CREATE TABLE audit_view (
	n BIGINT NOT NULL,
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	case_id VARCHAR(36),
	staff_id VARCHAR(36),
	op VARCHAR(60) NOT NULL,
	res VARCHAR(8) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_audit_view PRIMARY KEY (n),
	CONSTRAINT fk_audit_view_n FOREIGN KEY(n) REFERENCES audit_leaf (n)
);

CREATE INDEX ix_audit_view_case_id_n ON audit_view (case_id, n);

CREATE INDEX ix_audit_view_organisation_id_n ON audit_view (organisation_id, n);

CREATE TABLE checkpoint_cosignature (
	n BIGINT NOT NULL,
	witness VARCHAR(255) NOT NULL,
	line TEXT NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_checkpoint_cosignature PRIMARY KEY (n, witness),
	CONSTRAINT fk_checkpoint_cosignature_n FOREIGN KEY(n) REFERENCES audit_checkpoint (n)
);

CREATE TABLE checkpoint_timestamp (
	n BIGINT NOT NULL,
	token BYTEA NOT NULL,
	stamped_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_checkpoint_timestamp PRIMARY KEY (n),
	CONSTRAINT fk_checkpoint_timestamp_n FOREIGN KEY(n) REFERENCES audit_checkpoint (n)
);

CREATE TABLE destroyed_ring (
	key_id VARCHAR(200) NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_destroyed_ring PRIMARY KEY (key_id),
	CONSTRAINT fk_destroyed_ring_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_destroyed_ring_audit_id ON destroyed_ring (audit_id);

CREATE TABLE log_key (
	sha256 VARCHAR(64) NOT NULL,
	vkey TEXT NOT NULL,
	first BIGINT NOT NULL,
	last BIGINT,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_log_key PRIMARY KEY (sha256),
	CONSTRAINT fk_log_key_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_log_key_audit_id ON log_key (audit_id);

CREATE TABLE organisation (
	id VARCHAR(36) NOT NULL,
	name VARCHAR(200) NOT NULL,
	kind VARCHAR(40) NOT NULL,
	authority_id VARCHAR(36) NOT NULL,
	authority_name VARCHAR(200) NOT NULL,
	municipality VARCHAR(100) NOT NULL,
	controller VARCHAR(200) NOT NULL,
	authority_periods JSON NOT NULL,
	own_secrecy JSON NOT NULL,
	undo_seconds INTEGER NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_organisation PRIMARY KEY (id),
	CONSTRAINT ck_organisation_undo_seconds CHECK (undo_seconds BETWEEN 0 AND 3600),
	CONSTRAINT uq_organisation_name UNIQUE (name),
	CONSTRAINT fk_organisation_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_organisation_audit_id ON organisation (audit_id);

CREATE INDEX ix_organisation_authority_id ON organisation (authority_id);

CREATE TABLE organisation_key (
	organisation_id VARCHAR(36) NOT NULL,
	version INTEGER NOT NULL,
	public_key BYTEA NOT NULL,
	sealed BYTEA NOT NULL,
	root_key_id VARCHAR(64) NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_organisation_key PRIMARY KEY (organisation_id, version),
	CONSTRAINT fk_organisation_key_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_organisation_key_audit_id ON organisation_key (audit_id);

CREATE TABLE rule_pack (
	sha256 VARCHAR(64) NOT NULL,
	pack_id VARCHAR(60) NOT NULL,
	version VARCHAR(40) NOT NULL,
	rules_sha256 VARCHAR(64) NOT NULL,
	content BYTEA NOT NULL,
	kept_at TIMESTAMP WITH TIME ZONE NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_rule_pack PRIMARY KEY (sha256),
	CONSTRAINT fk_rule_pack_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_rule_pack_audit_id ON rule_pack (audit_id);

CREATE TABLE staff (
	id VARCHAR(36) NOT NULL,
	name VARCHAR(200) NOT NULL,
	title VARCHAR(200) NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_staff PRIMARY KEY (id),
	CONSTRAINT fk_staff_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_staff_audit_id ON staff (audit_id);

CREATE TABLE account (
	id VARCHAR(36) NOT NULL,
	staff_id VARCHAR(36) NOT NULL,
	username VARCHAR(80) NOT NULL,
	password_hash VARCHAR(200) NOT NULL,
	disabled_at TIMESTAMP WITH TIME ZONE,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_account PRIMARY KEY (id),
	CONSTRAINT uq_account_staff_id UNIQUE (staff_id),
	CONSTRAINT fk_account_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
	CONSTRAINT uq_account_username UNIQUE (username),
	CONSTRAINT fk_account_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_account_audit_id ON account (audit_id);

CREATE TABLE declared_relation (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	staff_id VARCHAR(36) NOT NULL,
	target BYTEA NOT NULL,
	declared_at TIMESTAMP WITH TIME ZONE NOT NULL,
	withdrawn_at TIMESTAMP WITH TIME ZONE,
	audit_id VARCHAR(36) NOT NULL,
	withdrawn_audit_id VARCHAR(36),
	CONSTRAINT pk_declared_relation PRIMARY KEY (id),
	CONSTRAINT fk_declared_relation_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_declared_relation_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
	CONSTRAINT fk_declared_relation_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_declared_relation_withdrawn_audit_id FOREIGN KEY(withdrawn_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_declared_relation_audit_id ON declared_relation (audit_id);

CREATE INDEX ix_declared_relation_organisation_id_staff_id ON declared_relation (organisation_id, staff_id);

CREATE INDEX ix_declared_relation_withdrawn_audit_id ON declared_relation (withdrawn_audit_id);

CREATE TABLE delegation (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	staff_id VARCHAR(36),
	role VARCHAR(40),
	decision VARCHAR(60) NOT NULL,
	item VARCHAR(40) NOT NULL,
	valid_from DATE NOT NULL,
	valid_until DATE,
	registered_by VARCHAR(36),
	confirmed_by VARCHAR(36),
	confirmed_at TIMESTAMP WITH TIME ZONE,
	ended_at TIMESTAMP WITH TIME ZONE,
	audit_id VARCHAR(36) NOT NULL,
	confirmed_audit_id VARCHAR(36),
	ended_audit_id VARCHAR(36),
	CONSTRAINT pk_delegation PRIMARY KEY (id),
	CONSTRAINT ck_delegation_two_persons CHECK (confirmed_by <> registered_by),
	CONSTRAINT ck_delegation_not_to_oneself CHECK (confirmed_by <> staff_id),
	CONSTRAINT ck_delegation_not_by_oneself CHECK (registered_by <> staff_id),
	CONSTRAINT ck_delegation_confirmed_with_entry CHECK ((confirmed_at IS NULL) = (confirmed_audit_id IS NULL)),
	CONSTRAINT ck_delegation_person_or_role CHECK ((staff_id IS NULL) <> (role IS NULL)),
	CONSTRAINT ck_delegation_period CHECK (valid_until IS NULL OR valid_until >= valid_from),
	CONSTRAINT ck_delegation_ended_with_entry CHECK ((ended_at IS NULL) = (ended_audit_id IS NULL)),
	CONSTRAINT fk_delegation_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_delegation_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
	CONSTRAINT fk_delegation_registered_by FOREIGN KEY(registered_by) REFERENCES staff (id),
	CONSTRAINT fk_delegation_confirmed_by FOREIGN KEY(confirmed_by) REFERENCES staff (id),
	CONSTRAINT fk_delegation_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_delegation_confirmed_audit_id FOREIGN KEY(confirmed_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_delegation_ended_audit_id FOREIGN KEY(ended_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_delegation_audit_id ON delegation (audit_id);

CREATE INDEX ix_delegation_confirmed_audit_id ON delegation (confirmed_audit_id);

CREATE INDEX ix_delegation_ended_audit_id ON delegation (ended_audit_id);

CREATE INDEX ix_delegation_organisation_id_decision ON delegation (organisation_id, decision);

CREATE TABLE pack_activation (
	n INTEGER NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	activated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	proposed_by VARCHAR(36),
	activated_by VARCHAR(36),
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_pack_activation PRIMARY KEY (n),
	CONSTRAINT ck_pack_activation_two_persons CHECK (activated_by <> proposed_by),
	CONSTRAINT ck_pack_activation_first_by_nobody CHECK ((activated_by IS NULL) = (n = 0) AND (proposed_by IS NULL) = (n = 0)),
	CONSTRAINT fk_pack_activation_sha256 FOREIGN KEY(sha256) REFERENCES rule_pack (sha256),
	CONSTRAINT fk_pack_activation_proposed_by FOREIGN KEY(proposed_by) REFERENCES staff (id),
	CONSTRAINT fk_pack_activation_activated_by FOREIGN KEY(activated_by) REFERENCES staff (id),
	CONSTRAINT fk_pack_activation_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_pack_activation_audit_id ON pack_activation (audit_id);

CREATE TABLE pack_proposal (
	id VARCHAR(36) NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	against_sha256 VARCHAR(64) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	proposed_by VARCHAR(36) NOT NULL,
	proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	state VARCHAR(12) NOT NULL,
	findings BYTEA,
	upto VARCHAR(36) NOT NULL,
	total INTEGER NOT NULL,
	settled_by VARCHAR(36),
	settled_at TIMESTAMP WITH TIME ZONE,
	audit_id VARCHAR(36) NOT NULL,
	examined_audit_id VARCHAR(36),
	settled_audit_id VARCHAR(36),
	CONSTRAINT pk_pack_proposal PRIMARY KEY (id),
	CONSTRAINT ck_pack_proposal_two_persons CHECK (state <> 'activated' OR settled_by <> proposed_by),
	CONSTRAINT ck_pack_proposal_settled_with_entry CHECK ((settled_at IS NULL) = (settled_audit_id IS NULL)),
	CONSTRAINT fk_pack_proposal_sha256 FOREIGN KEY(sha256) REFERENCES rule_pack (sha256),
	CONSTRAINT fk_pack_proposal_against_sha256 FOREIGN KEY(against_sha256) REFERENCES rule_pack (sha256),
	CONSTRAINT fk_pack_proposal_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_pack_proposal_proposed_by FOREIGN KEY(proposed_by) REFERENCES staff (id),
	CONSTRAINT fk_pack_proposal_settled_by FOREIGN KEY(settled_by) REFERENCES staff (id),
	CONSTRAINT fk_pack_proposal_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_pack_proposal_examined_audit_id FOREIGN KEY(examined_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_pack_proposal_settled_audit_id FOREIGN KEY(settled_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_pack_proposal_audit_id ON pack_proposal (audit_id);

CREATE INDEX ix_pack_proposal_examined_audit_id ON pack_proposal (examined_audit_id);

CREATE INDEX ix_pack_proposal_proposed_at ON pack_proposal (proposed_at);

CREATE INDEX ix_pack_proposal_settled_audit_id ON pack_proposal (settled_audit_id);

CREATE TABLE purge_proposal (
	id VARCHAR(36) NOT NULL,
	code VARCHAR(12) NOT NULL,
	proposed_by VARCHAR(36) NOT NULL,
	proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	released_by VARCHAR(36),
	released_at TIMESTAMP WITH TIME ZONE,
	audit_id VARCHAR(36) NOT NULL,
	released_audit_id VARCHAR(36),
	CONSTRAINT pk_purge_proposal PRIMARY KEY (id),
	CONSTRAINT ck_purge_proposal_two_persons CHECK (released_by IS NULL OR released_by <> proposed_by),
	CONSTRAINT fk_purge_proposal_proposed_by FOREIGN KEY(proposed_by) REFERENCES staff (id),
	CONSTRAINT fk_purge_proposal_released_by FOREIGN KEY(released_by) REFERENCES staff (id),
	CONSTRAINT fk_purge_proposal_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_purge_proposal_released_audit_id FOREIGN KEY(released_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_purge_proposal_audit_id ON purge_proposal (audit_id);

CREATE INDEX ix_purge_proposal_released_audit_id ON purge_proposal (released_audit_id);

CREATE TABLE review_round (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	month VARCHAR(7) NOT NULL,
	seed VARCHAR(64) NOT NULL,
	day DATE,
	since TIMESTAMP WITH TIME ZONE NOT NULL,
	until TIMESTAMP WITH TIME ZONE NOT NULL,
	below BIGINT NOT NULL,
	groups INTEGER NOT NULL,
	drawn_by VARCHAR(36) NOT NULL,
	drawn_at TIMESTAMP WITH TIME ZONE NOT NULL,
	signed_by VARCHAR(36),
	signed_at TIMESTAMP WITH TIME ZONE,
	audit_id VARCHAR(36) NOT NULL,
	signed_audit_id VARCHAR(36),
	CONSTRAINT pk_review_round PRIMARY KEY (id),
	CONSTRAINT one_round_a_month UNIQUE (organisation_id, month),
	CONSTRAINT fk_review_round_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_review_round_drawn_by FOREIGN KEY(drawn_by) REFERENCES staff (id),
	CONSTRAINT fk_review_round_signed_by FOREIGN KEY(signed_by) REFERENCES staff (id),
	CONSTRAINT fk_review_round_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_review_round_signed_audit_id FOREIGN KEY(signed_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_review_round_audit_id ON review_round (audit_id);

CREATE INDEX ix_review_round_signed_audit_id ON review_round (signed_audit_id);

CREATE TABLE role_grant (
	id VARCHAR(36) NOT NULL,
	staff_id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	role VARCHAR(40) NOT NULL,
	valid_from DATE NOT NULL,
	valid_until DATE,
	ended_at TIMESTAMP WITH TIME ZONE,
	audit_id VARCHAR(36) NOT NULL,
	ended_audit_id VARCHAR(36),
	CONSTRAINT pk_role_grant PRIMARY KEY (id),
	CONSTRAINT ck_role_grant_period CHECK (valid_until IS NULL OR valid_until >= valid_from),
	CONSTRAINT ck_role_grant_ended_with_entry CHECK ((ended_at IS NULL) = (ended_audit_id IS NULL)),
	CONSTRAINT fk_role_grant_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
	CONSTRAINT fk_role_grant_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_role_grant_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_role_grant_ended_audit_id FOREIGN KEY(ended_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_role_grant_audit_id ON role_grant (audit_id);

CREATE INDEX ix_role_grant_ended_audit_id ON role_grant (ended_audit_id);

CREATE INDEX ix_role_grant_organisation_id_role ON role_grant (organisation_id, role);

CREATE INDEX ix_role_grant_staff_id_organisation_id ON role_grant (staff_id, organisation_id);

CREATE TABLE sent_form (
	staff_id VARCHAR(36) NOT NULL,
	act VARCHAR(60) NOT NULL,
	token VARCHAR(64) NOT NULL,
	outcome VARCHAR(200),
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_sent_form PRIMARY KEY (staff_id, act, token),
	CONSTRAINT fk_sent_form_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id)
);

CREATE INDEX ix_sent_form_at ON sent_form (at);

CREATE TABLE session (
	id VARCHAR(36) NOT NULL,
	key VARCHAR(64) NOT NULL,
	staff_id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36),
	signed_in_at TIMESTAMP WITH TIME ZONE NOT NULL,
	revoked_at TIMESTAMP WITH TIME ZONE,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_session PRIMARY KEY (id),
	CONSTRAINT uq_session_key UNIQUE (key),
	CONSTRAINT fk_session_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
	CONSTRAINT fk_session_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_session_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_session_audit_id ON session (audit_id);

CREATE INDEX ix_session_staff_id ON session (staff_id);

CREATE TABLE signal_answer (
	organisation_id VARCHAR(36) NOT NULL,
	signal VARCHAR(140) NOT NULL,
	staff_id VARCHAR(36) NOT NULL,
	answered_by VARCHAR(36) NOT NULL,
	answered_at TIMESTAMP WITH TIME ZONE NOT NULL,
	verdict VARCHAR(10) NOT NULL,
	remark BYTEA NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_signal_answer PRIMARY KEY (organisation_id, signal),
	CONSTRAINT ck_signal_answer_answered_by_another CHECK (answered_by <> staff_id),
	CONSTRAINT fk_signal_answer_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_signal_answer_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
	CONSTRAINT fk_signal_answer_answered_by FOREIGN KEY(answered_by) REFERENCES staff (id),
	CONSTRAINT fk_signal_answer_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_signal_answer_audit_id ON signal_answer (audit_id);

CREATE TABLE subject (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	identity BYTEA NOT NULL,
	number_index BYTEA,
	added_at TIMESTAMP WITH TIME ZONE NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_subject PRIMARY KEY (id),
	CONSTRAINT fk_subject_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_subject_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_subject_audit_id ON subject (audit_id);

CREATE INDEX subject_by_number ON subject (organisation_id, number_index);

CREATE TABLE training_certificate (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	staff_id VARCHAR(36) NOT NULL,
	cases INTEGER NOT NULL,
	alike INTEGER NOT NULL,
	pack VARCHAR(80) NOT NULL,
	pack_sha256 VARCHAR(64) NOT NULL,
	given_at TIMESTAMP WITH TIME ZONE NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_training_certificate PRIMARY KEY (id),
	CONSTRAINT fk_training_certificate_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_training_certificate_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
	CONSTRAINT fk_training_certificate_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_training_certificate_audit_id ON training_certificate (audit_id);

CREATE INDEX ix_training_certificate_organisation_id_staff_id ON training_certificate (organisation_id, staff_id);

CREATE TABLE case_file (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	subject_id VARCHAR(36) NOT NULL,
	reference VARCHAR(40) NOT NULL,
	state VARCHAR(10) NOT NULL,
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
	closed_at TIMESTAMP WITH TIME ZONE,
	audit_id VARCHAR(36) NOT NULL,
	state_audit_id VARCHAR(36),
	CONSTRAINT pk_case_file PRIMARY KEY (id),
	CONSTRAINT ck_case_file_closed_with_time CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
	CONSTRAINT case_reference_once UNIQUE (organisation_id, reference),
	CONSTRAINT fk_case_file_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_case_file_subject_id FOREIGN KEY(subject_id) REFERENCES subject (id),
	CONSTRAINT fk_case_file_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_case_file_state_audit_id FOREIGN KEY(state_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_case_file_audit_id ON case_file (audit_id);

CREATE INDEX ix_case_file_state_audit_id ON case_file (state_audit_id);

CREATE TABLE decision_change (
	proposal_id VARCHAR(36) NOT NULL,
	decision_id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	tried VARCHAR(12) NOT NULL,
	before VARCHAR(5) NOT NULL,
	after VARCHAR(5) NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_decision_change PRIMARY KEY (proposal_id, decision_id),
	CONSTRAINT fk_decision_change_proposal_id FOREIGN KEY(proposal_id) REFERENCES pack_proposal (id),
	CONSTRAINT fk_decision_change_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_decision_change_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_decision_change_audit_id ON decision_change (audit_id);

CREATE INDEX ix_decision_change_proposal_id_organisation_id ON decision_change (proposal_id, organisation_id);

CREATE TABLE decision_trial (
	proposal_id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	tried VARCHAR(12) NOT NULL,
	count INTEGER NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_decision_trial PRIMARY KEY (proposal_id, organisation_id, tried),
	CONSTRAINT fk_decision_trial_proposal_id FOREIGN KEY(proposal_id) REFERENCES pack_proposal (id),
	CONSTRAINT fk_decision_trial_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_decision_trial_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_decision_trial_audit_id ON decision_trial (audit_id);

CREATE TABLE known_device (
	key VARCHAR(64) NOT NULL,
	account_id VARCHAR(36) NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_known_device PRIMARY KEY (key),
	CONSTRAINT fk_known_device_account_id FOREIGN KEY(account_id) REFERENCES account (id),
	CONSTRAINT fk_known_device_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_known_device_account_id ON known_device (account_id);

CREATE INDEX ix_known_device_audit_id ON known_device (audit_id);

CREATE INDEX ix_known_device_made_at ON known_device (made_at);

CREATE TABLE pack_in_use (
	place INTEGER NOT NULL,
	n INTEGER NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_pack_in_use PRIMARY KEY (place),
	CONSTRAINT ck_pack_in_use_one_row CHECK (place = 1),
	CONSTRAINT fk_pack_in_use_n FOREIGN KEY(n) REFERENCES pack_activation (n),
	CONSTRAINT fk_pack_in_use_sha256 FOREIGN KEY(sha256) REFERENCES rule_pack (sha256),
	CONSTRAINT fk_pack_in_use_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_pack_in_use_audit_id ON pack_in_use (audit_id);

CREATE TABLE session_seen (
	session_id VARCHAR(36) NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_session_seen PRIMARY KEY (session_id),
	CONSTRAINT fk_session_seen_session_id FOREIGN KEY(session_id) REFERENCES session (id) ON DELETE CASCADE
);

CREATE TABLE case_key (
	case_id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	ring_version INTEGER NOT NULL,
	wrapped BYTEA NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_case_key PRIMARY KEY (case_id),
	CONSTRAINT fk_case_key_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
	CONSTRAINT fk_case_key_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_case_key_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_case_key_audit_id ON case_key (audit_id);

CREATE TABLE case_member (
	case_id VARCHAR(36) NOT NULL,
	staff_id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	member_from TIMESTAMP WITH TIME ZONE NOT NULL,
	member_to TIMESTAMP WITH TIME ZONE,
	audit_id VARCHAR(36) NOT NULL,
	ended_audit_id VARCHAR(36),
	CONSTRAINT pk_case_member PRIMARY KEY (case_id, staff_id, member_from),
	CONSTRAINT fk_case_member_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
	CONSTRAINT fk_case_member_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
	CONSTRAINT fk_case_member_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_case_member_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_case_member_ended_audit_id FOREIGN KEY(ended_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_case_member_audit_id ON case_member (audit_id);

CREATE INDEX ix_case_member_ended_audit_id ON case_member (ended_audit_id);

CREATE TABLE case_person (
	case_id VARCHAR(36) NOT NULL,
	subject_id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	relation VARCHAR(20) NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_case_person PRIMARY KEY (case_id, subject_id),
	CONSTRAINT fk_case_person_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
	CONSTRAINT fk_case_person_subject_id FOREIGN KEY(subject_id) REFERENCES subject (id),
	CONSTRAINT fk_case_person_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_case_person_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_case_person_audit_id ON case_person (audit_id);

CREATE TABLE consent (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	case_id VARCHAR(36) NOT NULL,
	subject_id VARCHAR(36) NOT NULL,
	giver VARCHAR(10) NOT NULL,
	answer VARCHAR(10) NOT NULL,
	form VARCHAR(10) NOT NULL,
	recipient_id VARCHAR(36) NOT NULL,
	category VARCHAR(10) NOT NULL,
	purpose VARCHAR(40) NOT NULL,
	valid_from DATE NOT NULL,
	valid_until DATE NOT NULL,
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
	withdrawn_at TIMESTAMP WITH TIME ZONE,
	audit_id VARCHAR(36) NOT NULL,
	withdrawal_audit_id VARCHAR(36),
	CONSTRAINT pk_consent PRIMARY KEY (id),
	CONSTRAINT fk_consent_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_consent_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
	CONSTRAINT fk_consent_subject_id FOREIGN KEY(subject_id) REFERENCES subject (id),
	CONSTRAINT fk_consent_recipient_id FOREIGN KEY(recipient_id) REFERENCES organisation (id),
	CONSTRAINT fk_consent_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_consent_withdrawal_audit_id FOREIGN KEY(withdrawal_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX consent_by_case ON consent (case_id);

CREATE INDEX ix_consent_audit_id ON consent (audit_id);

CREATE INDEX ix_consent_withdrawal_audit_id ON consent (withdrawal_audit_id);

CREATE TABLE emergency_opening (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	case_id VARCHAR(36) NOT NULL,
	staff_id VARCHAR(36) NOT NULL,
	asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
	needs_second BOOLEAN NOT NULL,
	terms BYTEA NOT NULL,
	confirmed_by VARCHAR(36),
	confirmed_at TIMESTAMP WITH TIME ZONE,
	reviewed_by VARCHAR(36),
	reviewed_at TIMESTAMP WITH TIME ZONE,
	verdict VARCHAR(10),
	remark BYTEA,
	audit_id VARCHAR(36) NOT NULL,
	confirmed_audit_id VARCHAR(36),
	reviewed_audit_id VARCHAR(36),
	CONSTRAINT pk_emergency_opening PRIMARY KEY (id),
	CONSTRAINT ck_emergency_opening_confirmed_by_another CHECK (confirmed_by <> staff_id),
	CONSTRAINT ck_emergency_opening_reviewed_by_another CHECK (reviewed_by <> staff_id),
	CONSTRAINT ck_emergency_opening_reviewed_with_verdict CHECK ((reviewed_by IS NULL) = (verdict IS NULL)),
	CONSTRAINT fk_emergency_opening_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_emergency_opening_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
	CONSTRAINT fk_emergency_opening_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
	CONSTRAINT fk_emergency_opening_confirmed_by FOREIGN KEY(confirmed_by) REFERENCES staff (id),
	CONSTRAINT fk_emergency_opening_reviewed_by FOREIGN KEY(reviewed_by) REFERENCES staff (id),
	CONSTRAINT fk_emergency_opening_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_emergency_opening_confirmed_audit_id FOREIGN KEY(confirmed_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_emergency_opening_reviewed_audit_id FOREIGN KEY(reviewed_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_emergency_opening_audit_id ON emergency_opening (audit_id);

CREATE INDEX ix_emergency_opening_case_id_staff_id ON emergency_opening (case_id, staff_id);

CREATE INDEX ix_emergency_opening_confirmed_audit_id ON emergency_opening (confirmed_audit_id);

CREATE INDEX ix_emergency_opening_organisation_id_asked_at ON emergency_opening (organisation_id, asked_at);

CREATE INDEX ix_emergency_opening_reviewed_audit_id ON emergency_opening (reviewed_audit_id);

CREATE TABLE export_job (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	case_id VARCHAR(36),
	terms BYTEA NOT NULL,
	state VARCHAR(8) NOT NULL,
	ordered_by VARCHAR(36) NOT NULL,
	ordered_at TIMESTAMP WITH TIME ZONE NOT NULL,
	decided_by VARCHAR(36),
	decided_at TIMESTAMP WITH TIME ZONE,
	start BIGINT NOT NULL,
	stop BIGINT NOT NULL,
	size BIGINT NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	ready_at TIMESTAMP WITH TIME ZONE,
	audit_id VARCHAR(36) NOT NULL,
	decision_audit_id VARCHAR(36),
	written_audit_id VARCHAR(36),
	ready_audit_id VARCHAR(36),
	CONSTRAINT pk_export_job PRIMARY KEY (id),
	CONSTRAINT ck_export_job_two_persons CHECK (decided_by IS NULL OR decided_by <> ordered_by),
	CONSTRAINT fk_export_job_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_export_job_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
	CONSTRAINT fk_export_job_ordered_by FOREIGN KEY(ordered_by) REFERENCES staff (id),
	CONSTRAINT fk_export_job_decided_by FOREIGN KEY(decided_by) REFERENCES staff (id),
	CONSTRAINT fk_export_job_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_export_job_decision_audit_id FOREIGN KEY(decision_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_export_job_written_audit_id FOREIGN KEY(written_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_export_job_ready_audit_id FOREIGN KEY(ready_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_export_job_audit_id ON export_job (audit_id);

CREATE INDEX ix_export_job_decision_audit_id ON export_job (decision_audit_id);

CREATE INDEX ix_export_job_organisation_id_ordered_at ON export_job (organisation_id, ordered_at);

CREATE INDEX ix_export_job_ready_audit_id ON export_job (ready_audit_id);

CREATE INDEX ix_export_job_written_audit_id ON export_job (written_audit_id);

CREATE TABLE note (
	id VARCHAR(36) NOT NULL,
	case_id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_note PRIMARY KEY (id),
	CONSTRAINT fk_note_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
	CONSTRAINT fk_note_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_note_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_note_audit_id ON note (audit_id);

CREATE INDEX note_by_case ON note (case_id);

CREATE TABLE protection_lowering (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	case_id VARCHAR(36) NOT NULL,
	subject_id VARCHAR(36) NOT NULL,
	lowered_to VARCHAR(7) NOT NULL,
	reason BYTEA NOT NULL,
	asked_by VARCHAR(36) NOT NULL,
	asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
	settled_by VARCHAR(36),
	settled_at TIMESTAMP WITH TIME ZONE,
	outcome VARCHAR(9),
	audit_id VARCHAR(36) NOT NULL,
	settled_audit_id VARCHAR(36),
	CONSTRAINT pk_protection_lowering PRIMARY KEY (id),
	CONSTRAINT ck_protection_lowering_two_persons CHECK (outcome IS NULL OR (outcome = 'withdrawn') = (settled_by = asked_by)),
	CONSTRAINT ck_protection_lowering_settled_whole CHECK ((outcome IS NULL) = (settled_by IS NULL) AND (outcome IS NULL) = (settled_at IS NULL) AND (outcome IS NULL) = (settled_audit_id IS NULL)),
	CONSTRAINT ck_protection_lowering_lowered CHECK (lowered_to IN ('no', 'unknown')),
	CONSTRAINT fk_protection_lowering_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_protection_lowering_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
	CONSTRAINT fk_protection_lowering_subject_id FOREIGN KEY(subject_id) REFERENCES subject (id),
	CONSTRAINT fk_protection_lowering_asked_by FOREIGN KEY(asked_by) REFERENCES staff (id),
	CONSTRAINT fk_protection_lowering_settled_by FOREIGN KEY(settled_by) REFERENCES staff (id),
	CONSTRAINT fk_protection_lowering_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_protection_lowering_settled_audit_id FOREIGN KEY(settled_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_protection_lowering_audit_id ON protection_lowering (audit_id);

CREATE INDEX ix_protection_lowering_settled_audit_id ON protection_lowering (settled_audit_id);

CREATE INDEX lowering_by_case ON protection_lowering (case_id, subject_id);

CREATE TABLE review_item (
	id VARCHAR(36) NOT NULL,
	round_id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	why VARCHAR(10) NOT NULL,
	key VARCHAR(140) NOT NULL,
	staff_id VARCHAR(36) NOT NULL,
	case_id VARCHAR(36),
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	op VARCHAR(60) NOT NULL,
	acts INTEGER NOT NULL,
	asked_by VARCHAR(36),
	asked_at TIMESTAMP WITH TIME ZONE,
	question BYTEA,
	replied_at TIMESTAMP WITH TIME ZONE,
	reply BYTEA,
	answered_by VARCHAR(36),
	answered_at TIMESTAMP WITH TIME ZONE,
	verdict VARCHAR(10),
	remark BYTEA,
	audit_id VARCHAR(36) NOT NULL,
	asked_audit_id VARCHAR(36),
	replied_audit_id VARCHAR(36),
	answered_audit_id VARCHAR(36),
	case_erased_audit_id VARCHAR(36),
	CONSTRAINT pk_review_item PRIMARY KEY (id),
	CONSTRAINT item_once_a_round UNIQUE (round_id, why, key),
	CONSTRAINT ck_review_item_answered_by_another CHECK (answered_by <> staff_id),
	CONSTRAINT ck_review_item_asked_by_another CHECK (asked_by <> staff_id),
	CONSTRAINT fk_review_item_round_id FOREIGN KEY(round_id) REFERENCES review_round (id),
	CONSTRAINT fk_review_item_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_review_item_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
	CONSTRAINT fk_review_item_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
	CONSTRAINT fk_review_item_asked_by FOREIGN KEY(asked_by) REFERENCES staff (id),
	CONSTRAINT fk_review_item_answered_by FOREIGN KEY(answered_by) REFERENCES staff (id),
	CONSTRAINT fk_review_item_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_review_item_asked_audit_id FOREIGN KEY(asked_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_review_item_replied_audit_id FOREIGN KEY(replied_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_review_item_answered_audit_id FOREIGN KEY(answered_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_review_item_case_erased_audit_id FOREIGN KEY(case_erased_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_review_item_answered_audit_id ON review_item (answered_audit_id);

CREATE INDEX ix_review_item_asked_audit_id ON review_item (asked_audit_id);

CREATE INDEX ix_review_item_audit_id ON review_item (audit_id);

CREATE INDEX ix_review_item_case_erased_audit_id ON review_item (case_erased_audit_id);

CREATE INDEX ix_review_item_organisation_id_staff_id ON review_item (organisation_id, staff_id);

CREATE INDEX ix_review_item_replied_audit_id ON review_item (replied_audit_id);

CREATE TABLE answer (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	case_id VARCHAR(36) NOT NULL,
	note_id VARCHAR(36) NOT NULL,
	version INTEGER NOT NULL,
	recipient_id VARCHAR(36) NOT NULL,
	purpose VARCHAR(40) NOT NULL,
	subject_id VARCHAR(36) NOT NULL,
	kind VARCHAR(12) NOT NULL,
	sealed BYTEA NOT NULL,
	by_staff VARCHAR(36) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_answer PRIMARY KEY (id),
	CONSTRAINT fk_answer_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_answer_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
	CONSTRAINT fk_answer_note_id FOREIGN KEY(note_id) REFERENCES note (id),
	CONSTRAINT fk_answer_recipient_id FOREIGN KEY(recipient_id) REFERENCES organisation (id),
	CONSTRAINT fk_answer_subject_id FOREIGN KEY(subject_id) REFERENCES subject (id),
	CONSTRAINT fk_answer_by_staff FOREIGN KEY(by_staff) REFERENCES staff (id),
	CONSTRAINT fk_answer_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX answer_by_note ON answer (note_id, version);

CREATE INDEX ix_answer_audit_id ON answer (audit_id);

CREATE TABLE approval (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	case_id VARCHAR(36) NOT NULL,
	note_id VARCHAR(36) NOT NULL,
	version INTEGER NOT NULL,
	recipient_id VARCHAR(36) NOT NULL,
	purpose VARCHAR(40) NOT NULL,
	name VARCHAR(60) NOT NULL,
	asked_by VARCHAR(36) NOT NULL,
	asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
	withdrawn_at TIMESTAMP WITH TIME ZONE,
	answered_by VARCHAR(36),
	answered_at TIMESTAMP WITH TIME ZONE,
	answer VARCHAR(3),
	reasons BYTEA,
	audit_id VARCHAR(36) NOT NULL,
	withdrawn_audit_id VARCHAR(36),
	answered_audit_id VARCHAR(36),
	CONSTRAINT pk_approval PRIMARY KEY (id),
	CONSTRAINT ck_approval_never_the_asker CHECK (answered_by IS NULL OR answered_by <> asked_by),
	CONSTRAINT ck_approval_yes_or_no CHECK (answer IS NULL OR answer IN ('yes', 'no')),
	CONSTRAINT ck_approval_answered_whole CHECK ((answer IS NULL) = (answered_by IS NULL) AND (answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (reasons IS NULL) AND (answer IS NULL) = (answered_audit_id IS NULL)),
	CONSTRAINT ck_approval_withdrawn_with_entry CHECK ((withdrawn_at IS NULL) = (withdrawn_audit_id IS NULL)),
	CONSTRAINT ck_approval_answered_or_withdrawn CHECK (withdrawn_at IS NULL OR answer IS NULL),
	CONSTRAINT fk_approval_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_approval_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
	CONSTRAINT fk_approval_note_id FOREIGN KEY(note_id) REFERENCES note (id),
	CONSTRAINT fk_approval_recipient_id FOREIGN KEY(recipient_id) REFERENCES organisation (id),
	CONSTRAINT fk_approval_asked_by FOREIGN KEY(asked_by) REFERENCES staff (id),
	CONSTRAINT fk_approval_answered_by FOREIGN KEY(answered_by) REFERENCES staff (id),
	CONSTRAINT fk_approval_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_approval_withdrawn_audit_id FOREIGN KEY(withdrawn_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_approval_answered_audit_id FOREIGN KEY(answered_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX approval_by_note ON approval (note_id, version);

CREATE INDEX approval_by_organisation ON approval (organisation_id, asked_at);

CREATE INDEX ix_approval_answered_audit_id ON approval (answered_audit_id);

CREATE INDEX ix_approval_audit_id ON approval (audit_id);

CREATE INDEX ix_approval_withdrawn_audit_id ON approval (withdrawn_audit_id);

CREATE TABLE delivery (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	sender_id VARCHAR(36) NOT NULL,
	arrives_at TIMESTAMP WITH TIME ZONE NOT NULL,
	ring_version INTEGER NOT NULL,
	sealed_version INTEGER NOT NULL,
	suite INTEGER NOT NULL,
	wrapped_key BYTEA NOT NULL,
	commitment BYTEA NOT NULL,
	head BYTEA NOT NULL,
	body BYTEA NOT NULL,
	ct_hash VARCHAR(64) NOT NULL,
	wraps_hash VARCHAR(64) NOT NULL,
	acknowledged_at TIMESTAMP WITH TIME ZONE,
	registered_as BYTEA,
	consent_withdrawn_at TIMESTAMP WITH TIME ZONE,
	filed_case_id VARCHAR(36),
	filed_note_id VARCHAR(36),
	audit_id VARCHAR(36) NOT NULL,
	acknowledged_audit_id VARCHAR(36),
	filed_audit_id VARCHAR(36),
	consent_withdrawn_audit_id VARCHAR(36),
	CONSTRAINT pk_delivery PRIMARY KEY (id),
	CONSTRAINT fk_delivery_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_delivery_sender_id FOREIGN KEY(sender_id) REFERENCES organisation (id),
	CONSTRAINT fk_delivery_filed_case_id FOREIGN KEY(filed_case_id) REFERENCES case_file (id),
	CONSTRAINT fk_delivery_filed_note_id FOREIGN KEY(filed_note_id) REFERENCES note (id),
	CONSTRAINT fk_delivery_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_delivery_acknowledged_audit_id FOREIGN KEY(acknowledged_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_delivery_filed_audit_id FOREIGN KEY(filed_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_delivery_consent_withdrawn_audit_id FOREIGN KEY(consent_withdrawn_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX delivery_by_recipient ON delivery (organisation_id, arrives_at);

CREATE INDEX ix_delivery_acknowledged_audit_id ON delivery (acknowledged_audit_id);

CREATE INDEX ix_delivery_audit_id ON delivery (audit_id);

CREATE INDEX ix_delivery_consent_withdrawn_audit_id ON delivery (consent_withdrawn_audit_id);

CREATE INDEX ix_delivery_filed_audit_id ON delivery (filed_audit_id);

CREATE TABLE disclosure (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	case_id VARCHAR(36) NOT NULL,
	note_id VARCHAR(36) NOT NULL,
	version INTEGER NOT NULL,
	recipient_id VARCHAR(36) NOT NULL,
	pack VARCHAR(64) NOT NULL,
	delivery_id VARCHAR(36) NOT NULL,
	purpose VARCHAR(40) NOT NULL,
	delegation_item VARCHAR(40) NOT NULL,
	outcome VARCHAR(5) NOT NULL,
	grounds JSON NOT NULL,
	consents JSON NOT NULL,
	decision BYTEA NOT NULL,
	facts BYTEA NOT NULL,
	decided_by VARCHAR(36) NOT NULL,
	decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
	arrives_at TIMESTAMP WITH TIME ZONE NOT NULL,
	stopped_at TIMESTAMP WITH TIME ZONE,
	audit_id VARCHAR(36) NOT NULL,
	stop_audit_id VARCHAR(36),
	CONSTRAINT pk_disclosure PRIMARY KEY (id),
	CONSTRAINT fk_disclosure_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_disclosure_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
	CONSTRAINT fk_disclosure_note_id FOREIGN KEY(note_id) REFERENCES note (id),
	CONSTRAINT fk_disclosure_recipient_id FOREIGN KEY(recipient_id) REFERENCES organisation (id),
	CONSTRAINT fk_disclosure_decided_by FOREIGN KEY(decided_by) REFERENCES staff (id),
	CONSTRAINT fk_disclosure_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_disclosure_stop_audit_id FOREIGN KEY(stop_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX disclosure_by_case ON disclosure (case_id);

CREATE INDEX disclosure_by_time ON disclosure (organisation_id, decided_at);

CREATE INDEX ix_disclosure_audit_id ON disclosure (audit_id);

CREATE INDEX ix_disclosure_stop_audit_id ON disclosure (stop_audit_id);

CREATE TABLE export_part (
	job_id VARCHAR(36) NOT NULL,
	stage VARCHAR(6) NOT NULL,
	part INTEGER NOT NULL,
	upto BIGINT NOT NULL,
	entries INTEGER NOT NULL,
	sealed BYTEA NOT NULL,
	CONSTRAINT pk_export_part PRIMARY KEY (job_id, stage, part),
	CONSTRAINT fk_export_part_job_id FOREIGN KEY(job_id) REFERENCES export_job (id)
);

CREATE TABLE note_version (
	note_id VARCHAR(36) NOT NULL,
	version INTEGER NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	author_id VARCHAR(36) NOT NULL,
	written_at TIMESTAMP WITH TIME ZONE NOT NULL,
	suite INTEGER NOT NULL,
	wrapped_key BYTEA NOT NULL,
	commitment BYTEA NOT NULL,
	head BYTEA NOT NULL,
	body BYTEA NOT NULL,
	ct_hash VARCHAR(64) NOT NULL,
	wraps_hash VARCHAR(64) NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_note_version PRIMARY KEY (note_id, version),
	CONSTRAINT fk_note_version_note_id FOREIGN KEY(note_id) REFERENCES note (id),
	CONSTRAINT fk_note_version_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_note_version_author_id FOREIGN KEY(author_id) REFERENCES staff (id),
	CONSTRAINT fk_note_version_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_note_version_audit_id ON note_version (audit_id);

CREATE TABLE refusal (
	id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	case_id VARCHAR(36) NOT NULL,
	note_id VARCHAR(36) NOT NULL,
	version INTEGER NOT NULL,
	recipient_id VARCHAR(36) NOT NULL,
	pack VARCHAR(64) NOT NULL,
	outcome VARCHAR(5) NOT NULL,
	grounds JSON NOT NULL,
	decision BYTEA NOT NULL,
	facts BYTEA NOT NULL,
	decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	CONSTRAINT pk_refusal PRIMARY KEY (id),
	CONSTRAINT fk_refusal_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_refusal_case_id FOREIGN KEY(case_id) REFERENCES case_file (id),
	CONSTRAINT fk_refusal_note_id FOREIGN KEY(note_id) REFERENCES note (id),
	CONSTRAINT fk_refusal_recipient_id FOREIGN KEY(recipient_id) REFERENCES organisation (id),
	CONSTRAINT fk_refusal_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_refusal_audit_id ON refusal (audit_id);

CREATE INDEX refusal_by_case ON refusal (case_id);

CREATE INDEX refusal_by_time ON refusal (organisation_id, decided_at);

CREATE TABLE disclosure_letter (
	disclosure_id VARCHAR(36) NOT NULL,
	organisation_id VARCHAR(36) NOT NULL,
	outcome VARCHAR(8) NOT NULL,
	addressee_id VARCHAR(36),
	language VARCHAR(2) NOT NULL,
	reason BYTEA,
	decided_by VARCHAR(36) NOT NULL,
	decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
	audit_id VARCHAR(36) NOT NULL,
	changed_audit_id VARCHAR(36),
	CONSTRAINT pk_disclosure_letter PRIMARY KEY (disclosure_id),
	CONSTRAINT ck_disclosure_letter_sent_to_somebody CHECK ((outcome = 'released') = (addressee_id IS NOT NULL)),
	CONSTRAINT ck_disclosure_letter_withheld_for_a_reason CHECK ((outcome = 'withheld') = (reason IS NOT NULL)),
	CONSTRAINT fk_disclosure_letter_disclosure_id FOREIGN KEY(disclosure_id) REFERENCES disclosure (id),
	CONSTRAINT fk_disclosure_letter_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisation (id),
	CONSTRAINT fk_disclosure_letter_addressee_id FOREIGN KEY(addressee_id) REFERENCES subject (id),
	CONSTRAINT fk_disclosure_letter_decided_by FOREIGN KEY(decided_by) REFERENCES staff (id),
	CONSTRAINT fk_disclosure_letter_audit_id FOREIGN KEY(audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_disclosure_letter_changed_audit_id FOREIGN KEY(changed_audit_id) REFERENCES audit_leaf (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX ix_disclosure_letter_audit_id ON disclosure_letter (audit_id);

CREATE INDEX ix_disclosure_letter_changed_audit_id ON disclosure_letter (changed_audit_id);
