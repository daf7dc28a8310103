"""What was announced and what was bid stays as it was; an auction stands where its steps lead.

The last is checked when the transaction commits, since a step and its auction are two rows.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION auctions_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER auction_steps_are_never_changed
    BEFORE UPDATE OR DELETE ON auctions_auctionstep
    FOR EACH ROW EXECUTE FUNCTION auctions_refuse_rewriting();
CREATE TRIGGER auction_steps_are_never_emptied
    BEFORE TRUNCATE ON auctions_auctionstep
    FOR EACH STATEMENT EXECUTE FUNCTION auctions_refuse_rewriting();
CREATE TRIGGER auction_evidence_is_never_changed
    BEFORE UPDATE OR DELETE ON auctions_evidence
    FOR EACH ROW EXECUTE FUNCTION auctions_refuse_rewriting();
CREATE TRIGGER auction_evidence_is_never_emptied
    BEFORE TRUNCATE ON auctions_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION auctions_refuse_rewriting();
CREATE TRIGGER reveals_are_never_changed
    BEFORE UPDATE OR DELETE ON auctions_reveal
    FOR EACH ROW EXECUTE FUNCTION auctions_refuse_rewriting();
CREATE TRIGGER bids_are_never_deleted
    BEFORE DELETE ON auctions_bid
    FOR EACH ROW EXECUTE FUNCTION auctions_refuse_rewriting();
CREATE TRIGGER bids_are_never_emptied
    BEFORE TRUNCATE ON auctions_bid
    FOR EACH STATEMENT EXECUTE FUNCTION auctions_refuse_rewriting();
CREATE TRIGGER bids_change_only_by_one_withdrawal
    BEFORE UPDATE ON auctions_bid
    FOR EACH ROW WHEN (
        OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL
        OR (OLD.public_id, OLD.auction_id, OLD.bidder_id, OLD.by_id, OLD.actor, OLD.seq,
            OLD.received_at, OLD.clock_micros, OLD.amount_minor, OLD.quantity,
            OLD.price_after_minor, OLD.commitment, OLD.envelope, OLD.record_id)
        IS DISTINCT FROM
           (NEW.public_id, NEW.auction_id, NEW.bidder_id, NEW.by_id, NEW.actor, NEW.seq,
            NEW.received_at, NEW.clock_micros, NEW.amount_minor, NEW.quantity,
            NEW.price_after_minor, NEW.commitment, NEW.envelope, NEW.record_id)
    ) EXECUTE FUNCTION auctions_refuse_rewriting();
CREATE TRIGGER awards_are_never_deleted
    BEFORE DELETE ON auctions_award
    FOR EACH ROW EXECUTE FUNCTION auctions_refuse_rewriting();
CREATE TRIGGER awards_get_their_order_once
    BEFORE UPDATE ON auctions_award
    FOR EACH ROW WHEN (
        OLD.order_ref <> ''
        OR (OLD.public_id, OLD.auction_id, OLD.bidder_id, OLD.by_id, OLD.product_id, OLD.quantity,
            OLD.payment_minor)
        IS DISTINCT FROM
           (NEW.public_id, NEW.auction_id, NEW.bidder_id, NEW.by_id, NEW.product_id, NEW.quantity,
            NEW.payment_minor)
    ) EXECUTE FUNCTION auctions_refuse_rewriting();
CREATE TRIGGER auctions_are_never_deleted
    BEFORE DELETE ON auctions_auction
    FOR EACH ROW EXECUTE FUNCTION auctions_refuse_rewriting();
CREATE TRIGGER auctions_are_never_emptied
    BEFORE TRUNCATE ON auctions_auction
    FOR EACH STATEMENT EXECUTE FUNCTION auctions_refuse_rewriting();
CREATE TRIGGER announced_auctions_keep_their_rules
    BEFORE UPDATE ON auctions_auction
    FOR EACH ROW WHEN (
        OLD.state <> 'draft'
        AND (OLD.public_id, OLD.organiser_id, OLD.product_id, OLD.kind, OLD.wish, OLD.deal_nature,
            OLD.exclusive, OLD.currency, OLD.opening_minor, OLD.reserve_minor, OLD.reserve_shown,
            OLD.increments, OLD.quantity, OLD.options, OLD.deposit_minor, OLD.sealed_key, OLD.seed,
            OLD.first_closes_at, OLD.soft_window_seconds, OLD.soft_extension_seconds,
            OLD.closes_by, OLD.reveal_seconds, OLD.opens_at)
        IS DISTINCT FROM
           (NEW.public_id, NEW.organiser_id, NEW.product_id, NEW.kind, NEW.wish, NEW.deal_nature,
            NEW.exclusive, NEW.currency, NEW.opening_minor, NEW.reserve_minor, NEW.reserve_shown,
            NEW.increments, NEW.quantity, NEW.options, NEW.deposit_minor, NEW.sealed_key, NEW.seed,
            NEW.first_closes_at, NEW.soft_window_seconds, NEW.soft_extension_seconds,
            NEW.closes_by, NEW.reveal_seconds, NEW.opens_at)
    ) EXECUTE FUNCTION auctions_refuse_rewriting();
CREATE TRIGGER closed_auctions_take_no_bid
    BEFORE UPDATE OF bids_count ON auctions_auction
    FOR EACH ROW WHEN (OLD.bids_count <> NEW.bids_count AND OLD.state <> 'open')
    EXECUTE FUNCTION auctions_refuse_rewriting();

CREATE FUNCTION auctions_check_auction(checked bigint, rule text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM auctions_auction AS a
        JOIN auctions_auctionstep AS s ON s.auction_id = a.id AND s.number = a.steps_count
        WHERE a.id = checked AND s.target = a.state
    ) OR EXISTS (
        SELECT FROM auctions_auctionstep AS s
        LEFT JOIN auctions_auctionstep AS p
            ON p.auction_id = s.auction_id AND p.number = s.number - 1
        JOIN auctions_auction AS a ON a.id = s.auction_id
        WHERE s.auction_id = checked
            AND (s.number NOT BETWEEN 1 AND a.steps_count
                OR s.source <> COALESCE(p.target, ''))
    ) THEN
        RAISE EXCEPTION 'auction % does not stand where its steps lead', checked
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = rule;
    END IF;
END $$;
CREATE FUNCTION auctions_auction_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM auctions_check_auction(NEW.id, TG_NAME);
    RETURN NULL;
END $$;
CREATE FUNCTION auctions_step_is_followed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM auctions_check_auction(NEW.auction_id, TG_NAME);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER auction_is_born_with_its_step
    AFTER INSERT ON auctions_auction
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION auctions_auction_follows();
CREATE CONSTRAINT TRIGGER auction_stands_where_its_steps_lead
    AFTER UPDATE OF state, steps_count ON auctions_auction
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.steps_count <> NEW.steps_count)
    EXECUTE FUNCTION auctions_auction_follows();
CREATE CONSTRAINT TRIGGER auction_steps_follow_each_other
    AFTER INSERT ON auctions_auctionstep
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION auctions_step_is_followed();
"""

BACKWARD = """
DROP TRIGGER auction_steps_follow_each_other ON auctions_auctionstep;
DROP TRIGGER auction_stands_where_its_steps_lead ON auctions_auction;
DROP TRIGGER auction_is_born_with_its_step ON auctions_auction;
DROP FUNCTION auctions_step_is_followed();
DROP FUNCTION auctions_auction_follows();
DROP FUNCTION auctions_check_auction(bigint, text);
DROP TRIGGER closed_auctions_take_no_bid ON auctions_auction;
DROP TRIGGER announced_auctions_keep_their_rules ON auctions_auction;
DROP TRIGGER auctions_are_never_emptied ON auctions_auction;
DROP TRIGGER auctions_are_never_deleted ON auctions_auction;
DROP TRIGGER awards_get_their_order_once ON auctions_award;
DROP TRIGGER awards_are_never_deleted ON auctions_award;
DROP TRIGGER bids_change_only_by_one_withdrawal ON auctions_bid;
DROP TRIGGER bids_are_never_emptied ON auctions_bid;
DROP TRIGGER bids_are_never_deleted ON auctions_bid;
DROP TRIGGER reveals_are_never_changed ON auctions_reveal;
DROP TRIGGER auction_evidence_is_never_emptied ON auctions_evidence;
DROP TRIGGER auction_evidence_is_never_changed ON auctions_evidence;
DROP TRIGGER auction_steps_are_never_emptied ON auctions_auctionstep;
DROP TRIGGER auction_steps_are_never_changed ON auctions_auctionstep;
DROP FUNCTION auctions_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("auctions", "0001_auctions_and_bids")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
